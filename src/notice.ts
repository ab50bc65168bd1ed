/** What a running server tells whoever runs it: values of the Observable that `serve` returns. */
import type { EndReason, NodeId } from './message.ts';

export type Notice =
  | Listening
  | Ended
  | Refused
  | Reloaded
  | Stopping
  | Stuck
  | ListenerTrouble
  | Storage
  | ClusterNotice
  | NodeNotice
  | Damage;

/** Where something listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The server is open for clients. The endpoint is the first address of a network; empty, and the port 0, where there is none. */
export interface Listening extends Endpoint {
  readonly type: 'listening';
  /** Everywhere it listens, as people write it: `127.0.0.1:8080`, a path, `descriptor 3` of which no path is known. */
  readonly at: readonly string[];
  /** Where the admin port is, if there is one. */
  readonly admin?: Endpoint;
  /** Where what is said is kept; undefined where that ends with the server. */
  readonly folder?: string;
  /** That was a node's of a cluster, and is not any more. */
  readonly left?: true;
  /** Nothing of what is said is kept, but names, mail and bans are. */
  readonly forgets?: true;
  /** Names of operators that nobody has reserved yet: whoever does, from this machine, keeps order. */
  readonly unclaimed?: readonly string[];
  /** The name of the cluster that it is a node of. */
  readonly cluster?: string;
  /** Which one: the ids of its clients begin with it, and operators hear of it by it. */
  readonly node?: NodeId;
  /** How many other nodes it has, as far as this one has heard: one that was killed counts for 15 s. */
  readonly others?: number;
  /** Clients at a time. */
  readonly maxClients: number;
  /** The SHA-256 fingerprint of the certificate that was made for trying out. */
  readonly fingerprint?: string;
  /** The descriptor limit, where that is what bounds `maxClients`. */
  readonly descriptors?: number;
}

/** What is said cannot be kept, or can again, with so many lines lost meanwhile; at the end of the server, those that were `lost` for good. */
export type Storage =
  | { readonly type: 'storage'; readonly ok: false; readonly error: string; readonly lost?: number }
  | { readonly type: 'storage'; readonly ok: true; readonly lost: number };

/**
 * The cluster is not reached, or this server does not follow it, or it does again; this server was cut off from it, and begins anew;
 * a snapshot could not be written, which another one makes good.
 */
export type ClusterNotice =
  | {
      readonly type: 'cluster';
      readonly ok: false;
      readonly what: 'away' | 'behind' | 'cut off' | 'snapshot';
      readonly error: string;
    }
  | { readonly type: 'cluster'; readonly ok: true; readonly what: 'away' | 'behind' };

/**
 * Another node of the cluster has come, has ended, or is given up, since nothing was heard of it for so many seconds; so many
 * nodes there are since. Or one that has come, perhaps this one, has other options than those that were there, which hold for all.
 */
export type NodeNotice =
  | {
      readonly type: 'node';
      readonly what: 'come' | 'ended';
      readonly node: NodeId;
      readonly nodes: number;
    }
  | {
      readonly type: 'node';
      readonly what: 'given up';
      readonly node: NodeId;
      readonly nodes: number;
      readonly seconds: number;
    }
  | {
      readonly type: 'node';
      readonly what: 'other options';
      readonly node: NodeId;
      /** As on the command line, without the dashes. */
      readonly options: readonly string[];
    };

/** Something that is kept cannot be read any more; told once. */
export interface Damage {
  readonly type: 'damage';
  readonly error: string;
}

/** A connection is over. */
export interface Ended {
  readonly type: 'ended';
  readonly reason: EndReason;
  /** Undefined where nobody logged in. */
  readonly name: string | undefined;
  readonly address: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly lines: number;
  readonly seconds: number;
  /** With the reason `fault` only. */
  readonly error?: unknown;
}

/** Why somebody may not come in. */
export type Obstacle = 'server full' | 'too many from this address' | 'address not allowed';

/** A connection was turned away; `unannounced` where there was no descriptor left to tell it. */
export interface Refused {
  readonly type: 'refused';
  readonly reason:
    | Obstacle
    | 'unannounced'
    | 'TLS only'
    | 'no TLS here'
    | 'not a chat client'
    | 'no PROXY header'
    | 'PROXY header not trusted'
    | 'Host not allowed'
    | 'Origin not allowed';
  readonly address: string;
}

/** The certificate was read anew, or is no pair with its key and the old one is kept. */
export interface Reloaded {
  readonly type: 'reloaded';
  /** SHA-256, of what is shown from now on. */
  readonly fingerprint: string;
  readonly error?: Error;
}

/** The stop signal came; `clients` are still connected. */
export interface Stopping {
  readonly type: 'stopping';
  readonly clients: number;
}

/** At `stopTimeout` this client had not taken what was for it. */
export interface Stuck {
  readonly type: 'stuck';
  readonly name: string | undefined;
  readonly address: string;
  readonly bytes: number;
}

/** Accepting a connection, or an answer on the admin port, failed; the server goes on. */
export interface ListenerTrouble {
  readonly type: 'trouble';
  readonly error: Error;
}
