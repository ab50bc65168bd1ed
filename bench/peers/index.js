// Whom rxchat is measured beside: how each is found, started, and spoken with. One more peer is one more of these.
//
// dialects  how its clients log in, write and hear, where lines go to one person (direct), to a room, or to as many as a
//           line names (names); see `struct dialect` in bench/load/load.h
// carrier   what carries its clients' bytes, if not TCP alone: it is measured in those cases only that ask for it
// companions  who has to run for it, by name; each has a port of its own
// special   true: so is this one
// limits    true: its own, false: those that would hold a benchmark back are turned off
import { inspircd, ngircd } from './irc.js';
import { nats, natsWebSocket } from './nats.js';
import { ncat } from './ncat.js';
import { redis } from './redis.js';
import {
  book,
  c,
  clusterLog,
  plain,
  rxchat,
  rxchatCluster,
  rxchatForgetful,
  rxchatOnDisk,
  rxchatTls,
  rxchatTwoNodes,
  rxchatWebSocket,
} from './rxchat.js';

export const peers = [
  ...[rxchat, nats, redis, inspircd, ngircd, ncat, plain, book, c],
  ...[rxchatWebSocket, rxchatTls, natsWebSocket],
  ...[rxchatOnDisk, rxchatForgetful],
  ...[rxchatCluster, rxchatTwoNodes, clusterLog],
];
