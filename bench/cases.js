// What is measured of each server, and what rxchat aims for beside which of them. How, is in measures.js.
//
// audience  to whom lines go: to one person (direct), to a room, to as many as a line names (names)
// only      of whom it is asked; where nobody is named, of all but those with a carrier of their own, or special
// seconds   that are measured, where they are others than for all
// headline  the figure of it that says most, where it is another one than of all that are measured like it
// collects  the server collects its garbage when it is asked to
// load      options of the generator; `senders`, `recipients`, `clients` and `text` also say who cannot take part

const window = 256;
const text = 64;

/**
 * Lines that each sender of a room has under way: fewer where they would be more than a million deliveries. 256 from each of
 * ten to 10,000 would be 25 million: gigabytes in the server, and half a minute in which nothing else arrives.
 */
const roomWindow = (recipients, senders) => Math.min(window, Math.floor(1_000_000 / (recipients * senders)));

const room = (recipients, senders) => ({
  name: `room-${recipients}${senders > 1 ? `-from-${senders}` : ''}`,
  title: `a room of ${recipients.toLocaleString('en')}, ${senders > 1 ? `${senders} who send` : 'one who sends'}`,
  measure: 'rate',
  audience: 'room',
  scenario: 'fan',
  load: { senders, recipients, window: roomWindow(recipients, senders), text },
});

const direct = (name, title, load) => ({
  name,
  title,
  measure: 'rate',
  audience: 'direct',
  scenario: 'direct',
  load: { pairs: 100, window, text, ...load },
});

const pingpong = (pairs) => ({
  name: `pingpong-${pairs}`,
  title: pairs === 1 ? 'one pair who answer each other' : `${pairs} pairs who answer each other`,
  measure: 'rate',
  audience: 'direct',
  scenario: 'pingpong',
  load: { pairs, text },
});

// Ordinary talkers are one pair; what floods has the limits that the server has by itself.
const flooded = (flood, title, audience) => ({
  name: `beside-${flood ?? 'none'}`,
  title: `one pair who answer each other, beside ${title}`,
  measure: flood === undefined ? 'rate' : 'besideFlood',
  limits: true,
  audience: 'direct',
  scenario: 'pingpong',
  flood,
  floodAudience: audience,
  load: { pairs: 1, text },
});

/** The same once more, for each of what carries it. */
const carried = (what, more = {}) => ({
  ...what,
  name: `carried-${what.name}`,
  only: ['rxchat', 'rxchat-websocket', 'rxchat-tls'],
  ...more,
});

/** The same once more, with what is said kept in memory, on disk, and not at all. */
const kept = (what) => ({
  ...what,
  name: `kept-${what.name}`,
  only: ['rxchat', 'rxchat-on-disk', 'rxchat-forgetful'],
});

/** The same once more, in a cluster; two nodes, NATS and the load share the cores. */
const clustered = (what) => ({
  ...what,
  name: `cluster-${what.name}`,
  unpinned: true,
  only: ['rxchat', 'rxchat-cluster', 'rxchat-two-nodes'],
});

const idle = {
  name: 'idle-10000',
  title: '10,000 clients who say nothing',
  measure: 'idle',
  audience: 'direct',
  load: { clients: 10_000 },
};

const beside = (strangers, title, only) => ({
  ...flooded(strangers, title, 'direct'),
  name: `strangers-${strangers ?? 'none'}`,
  only,
});

export const groups = {
  room: {
    title: 'Rooms',
    cases: [1, 10].flatMap((senders) => [10, 100, 1000, 10_000].map((size) => room(size, senders))),
  },
  direct: {
    title: 'Lines to one person, 256 of them under way for each sender',
    cases: [1, 100, 1000].map((pairs) =>
      direct(`direct-${pairs}`, pairs === 1 ? 'one pair' : `${pairs.toLocaleString('en')} pairs`, { pairs }),
    ),
  },
  pingpong: { title: 'One line under way for each pair', cases: [1, 50, 500].map(pingpong) },
  names: {
    title: 'One line that names 100',
    cases: [
      {
        name: 'names-100',
        title: 'each line names 100 recipients',
        measure: 'rate',
        audience: 'names',
        scenario: 'fan',
        load: { senders: 1, recipients: 100, window, text },
      },
    ],
  },
  text: {
    title: 'Short and long texts',
    cases: [16, 512, 4096].map((bytes) =>
      direct(`text-${bytes}`, `100 pairs, texts of ${bytes.toLocaleString('en')} bytes`, { text: bytes }),
    ),
  },
  idle: {
    title: 'Memory for those who say nothing',
    cases: [idle],
  },
  churn: {
    title: 'Coming and going',
    cases: [1000, 15_000].map((clients) => ({
      name: `churn-${clients}`,
      title: `one comes, says that it is in, hears it and leaves, beside ${clients.toLocaleString('en')}`,
      measure: 'rate',
      audience: 'direct',
      scenario: 'churn',
      load: { clients },
    })),
  },
  exodus: {
    title: 'Everybody leaves at once',
    cases: [
      {
        name: 'exodus-10000',
        title: 'one pair who answer each other, when 10,000 others are gone at once',
        measure: 'exodus',
        audience: 'direct',
        scenario: 'pingpong',
        load: { pairs: 1, text, clients: 10_000 },
      },
    ],
  },
  slow: {
    title: 'Slow readers',
    cases: [
      {
        name: 'slow-10',
        title: 'a room of 1,000, of whom 10 read 40 KiB a second; limits as each server has them',
        measure: 'rate',
        limits: true,
        audience: 'room',
        scenario: 'fan',
        seconds: 15, // rxchat holds the sender for ten of them
        load: { senders: 1, recipients: 990, slow: 10, window, text },
      },
    ],
  },
  beside: {
    title: 'Ordinary talkers beside a flood',
    cases: [
      flooded(undefined, 'nobody'),
      flooded('frozen', 'one who floods one who never reads', 'direct'),
      flooded('fan', 'one who floods a room of 100 who read', 'room'),
      flooded('many', '500 who flood one reader each', 'direct'),
    ],
  },
  crowd: {
    title: 'Who else is online',
    cases: [
      {
        ...direct('crowd-10000', '100 pairs, beside 10,000 who say nothing', {}),
        measure: 'besideIdle',
        beside: { clients: 10_000 },
      },
      ...['silent', 'asking'].map((how) => ({
        ...direct(
          `crowd-${how}`,
          `100 pairs, beside 1,000 who ${how === 'silent' ? 'are silent' : 'are in 10 rooms each, one asks /who and /rooms'}`,
          {},
        ),
        measure: 'besideCrowd',
        crowd: how,
        only: 'rxchat',
      })),
    ],
  },
  carried: {
    title: 'The same over TLS and WebSockets',
    together: true,
    cases: [
      carried(room(100, 1)),
      carried(room(1000, 1), {
        only: ['rxchat', 'rxchat-websocket', 'rxchat-tls', 'nats', 'nats-websocket'],
      }),
      carried(room(1000, 1), {
        name: 'carried-json-1000',
        title: 'a room of 1,000 who read JSON, one who sends',
        audience: 'json',
      }),
      carried(direct('direct-100', '100 pairs', { pairs: 100 })),
      carried(pingpong(50)),
      carried(idle),
    ],
  },
  kept: {
    title: 'What is said is kept in memory, on disk, or not at all',
    together: true,
    cases: [
      kept(room(100, 1)),
      kept(room(1000, 1)),
      kept(room(100, 10)),
      kept(direct('direct-100', '100 pairs', { pairs: 100 })),
    ],
  },
  strangers: {
    title: 'Ordinary talkers beside strangers',
    cases: [
      beside(undefined, 'nobody', ['rxchat', 'rxchat-tls']),
      beside('silent', '1,000 strangers who have sent a byte and stay', ['rxchat', 'rxchat-tls']),
      beside('greeting', 'strangers who begin with TLS as fast as they can, and leave', ['rxchat-tls']),
    ],
  },
  cluster: {
    title:
      'Alone, as the one node of a cluster, and as two nodes, with NATS beside them and nothing kept to a core',
    together: true,
    cases: [
      clustered(direct('direct-1000', '1,000 pairs, texts of 16 bytes', { pairs: 1000, text: 16 })),
      clustered(room(1000, 1)),
      clustered({ ...pingpong(1), headline: 'p50' }),
      clustered({ ...pingpong(50), headline: 'p50' }),
      {
        name: 'cluster-log',
        title: 'the log alone, each input a line of 64 bytes',
        measure: 'log',
        audience: 'log',
        only: 'cluster-log',
        unpinned: true,
        load: {},
      },
      {
        name: 'cluster-catch-up',
        title: 'a node that starts where there are a million lines in the log and no snapshot',
        measure: 'catchUp',
        audience: 'log',
        only: 'cluster-log',
        unpinned: true,
        load: { people: 1000, lines: 1_000_000 },
      },
      {
        name: 'cluster-remote',
        title: '100,000 people at another node, in rooms of 100',
        measure: 'remote',
        audience: 'direct',
        only: 'rxchat-cluster',
        unpinned: true,
        collects: true,
        load: { people: 100_000, size: 100 },
      },
    ],
  },
  unpinned: {
    title: 'Nothing kept to a core',
    cases: [room(100, 1), room(1000, 1), direct('direct-100', '100 pairs', { pairs: 100 }), pingpong(50)].map(
      (what) => ({
        ...what,
        name: `unpinned-${what.name}`,
        title: `${what.title}, nothing kept to a core`,
        unpinned: true,
      }),
    ),
  },
};

export const cases = Object.entries(groups).flatMap(([group, { cases: own }]) =>
  own.map((one) => ({ group, ...one })),
);

/** Why a server cannot be measured here; undefined if it can. */
export function obstacle(peer, { audience, floodAudience, load, only }) {
  const isSpecial = peer.special === true || peer.carrier !== undefined;
  if (only === undefined ? isSpecial : ![only].flat().includes(peer.name)) return 'not asked of it';
  for (const each of [audience, floodAudience ?? audience])
    if (peer.dialects[each] === undefined)
      return { direct: 'no lines to one', names: 'names one at a time' }[each];
  if (load.text > (peer.maxText ?? Infinity)) return `lines end at 512 bytes`;
  if (load.senders > (peer.maxSenders ?? Infinity)) return 'lines of several mix';
  if (Math.max(load.recipients ?? 0, load.clients ?? 0) > (peer.maxClients ?? Infinity))
    return `no more than ${peer.maxClients.toLocaleString('en')} clients`;
  return undefined;
}

const rate = (names, beside, least) => names.map((name) => ({ name, beside, figure: 'perSecond', least }));

export const targets = [
  ...rate(['room-100', 'room-1000'], 'nats', 3),
  ...rate(['room-100', 'room-1000'], 'redis', 2.5),
  ...rate(['room-100', 'room-1000'], 'c', 0.5),
  ...rate(['direct-100'], 'nats', 1.2),
  ...rate(['direct-100'], 'redis', 0.9),
  ...rate(['direct-100'], 'plain', 5),
  ...rate(['pingpong-50'], 'plain', 1),
  ...rate(['pingpong-50'], 'nats', 0.95),
  ...['room-100', 'room-1000', 'direct-100', 'pingpong-50'].map((name) => ({
    name,
    beside: 'nats',
    figure: 'p99',
    most: 2,
  })),
  ...rate(['names-100'], 'book', 10),
  ...['rxchat-cluster', 'rxchat-two-nodes'].flatMap((of) => [
    { name: 'cluster-direct-1000', of, figure: 'perSecond', least: 500_000 },
    { name: 'cluster-pingpong-1', of, beside: 'rxchat', figure: 'p50', added: true, most: 1000 },
    { name: 'cluster-pingpong-1', of, beside: 'rxchat', figure: 'p99', added: true, most: 5000 },
  ]),
  { name: 'cluster-log', of: 'cluster-log', figure: 'perSecond', least: 500_000 },
  { name: 'cluster-catch-up', of: 'cluster-log', figure: 'ready', most: 5e6 },
  { name: 'idle-10000', beside: 'nats', figure: 'perClient', most: 0.33 },
  { name: 'crowd-10000', besideCase: 'direct-100', figure: 'perSecond', least: 0.9 },
  { name: 'crowd-asking', besideCase: 'crowd-silent', figure: 'perSecond', least: 0.9 },
  { name: 'churn-15000', besideCase: 'churn-1000', figure: 'mean', most: 1.5 },
  ...['beside-frozen', 'beside-fan', 'beside-many'].map((name) => ({ name, figure: 'p99', most: 5000 })),
  ...['rxchat', 'rxchat-on-disk'].flatMap((of) =>
    ['kept-room-100', 'kept-room-1000', 'kept-room-100-from-10'].map((name) => ({
      ...{ name, of, beside: 'rxchat-forgetful' },
      ...{ figure: 'perSecond', least: 0.8 },
    })),
  ),
  ...['carried-room-1000', 'carried-json-1000'].map((name) => ({
    name,
    of: 'rxchat-websocket',
    figure: 'perSecond',
    least: 2e6,
  })),
];
