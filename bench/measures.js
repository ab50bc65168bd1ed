// How a figure is taken: with a server of its own for each. What comes back has `perSecond`, `p50` and so on in µs,
// `cpu` in seconds per million deliveries, `peak` in bytes.
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { rxchatCluster } from './peers/rxchat.js';
import {
  beside,
  besideFlood,
  besideLog,
  collectedBytes,
  cpuSeconds,
  peakBytes,
  residentBytes,
  runLoad,
  runLog,
  withCrowd,
  withServer,
} from './processes.js';

const timed = ({ load }, { warm, seconds }) => ({ warm, seconds, ...load });

const rate = (server, what, timing) => runLoad(server, what.audience, what.scenario, timed(what, timing));

async function idle(server, { audience, load }, { settle }) {
  await sleep(settle * 1000);
  const empty = residentBytes(server);
  const { result } = await beside(server, audience, 'idle', load, async () => {
    await sleep(settle * 1000);
    const full = residentBytes(server);
    return { empty, full, perClient: (full - empty) / load.clients, peak: peakBytes(server) };
  });
  return result;
}

async function exodus(server, what, timing) {
  const { clients, ...load } = what.load;
  const { result } = await beside(server, what.audience, 'idle', { clients }, async (leave) => {
    const measured = runLoad(server, what.audience, what.scenario, timed({ load }, timing));
    await sleep((timing.warm + 0.5) * 1000);
    leave();
    return measured;
  });
  return result;
}

const whileFlooded = (server, what, timing) =>
  besideFlood(server, what.floodAudience, what.flood, () => rate(server, what, timing));

async function besideIdle(server, what, timing) {
  return (await beside(server, what.audience, 'idle', what.beside, () => rate(server, what, timing))).result;
}

const besideCrowd = (server, what, timing) => withCrowd(server, what.crowd, () => rate(server, what, timing));

const log = (server, _, { warm, seconds }) => runLog(server, ['rate', server.port, warm, seconds]);

/** What a node takes, from its start, until it has read the log and lets people in. */
async function catchUp({ port }, { load }) {
  const { inputs } = await runLog({}, ['fill', port, load.people, load.lines]);
  return withServer(rxchatCluster, { pinned: false, ports: { nats: port } }, ({ ready, ...node }) => ({
    ...{ ready, inputs, readyCpu: cpuSeconds(node) * 1e6, peak: peakBytes(node) },
  }));
}

/** What people who have come to another node add to the memory of this one. */
async function remote(server, { load }, { settle }) {
  const empty = await collectedBytes(server);
  return besideLog(server, ['stay', server.nats, load.people, load.size], async () => {
    // It is answered behind all that they have said.
    await runLoad(server, 'direct', 'churn', { clients: 1, warm: 0, seconds: 0.1 });
    // A snapshot may be on its way, which is as large again.
    await sleep(settle * 1000);
    const full = await collectedBytes(server);
    const [heap, resident] = [full.heap - empty.heap, full.rss - empty.rss];
    return { heap, resident, perClient: heap / load.people, peak: peakBytes(server) };
  });
}

const measures = {
  rate,
  log,
  catchUp,
  remote,
  idle,
  exodus,
  besideFlood: whileFlooded,
  besideIdle,
  besideCrowd,
};

/** Seconds, for a server that was compiled before. */
const WARM = 1;

/** One figure of one server. `timing` is in seconds: `warm`, `seconds`, and `settle` before memory is read. */
export async function take(peer, what, { pinned, ...options }) {
  const where = { pinned: pinned && !what.unpinned, limits: what.limits, collects: what.collects };
  const warm = peer.compiles ? options.warm : Math.min(options.warm, WARM);
  const timing = { ...options, warm, seconds: what.seconds ?? options.seconds };
  const [loadAverage] = loadavg();
  const result = await withServer(peer, where, (server) => measures[what.measure](server, what, timing));
  const { serverCpu, besideCpu, deliveries, loadCpu, seconds, flood } = result;
  if (deliveries === 0) throw new Error(`nothing arrived in the ${seconds} s that were measured`);
  return {
    ...result,
    loadAverage,
    ...(serverCpu !== undefined && { cpu: (serverCpu / deliveries) * 1e6 }),
    ...(besideCpu?.nats !== undefined && { natsCpu: (besideCpu.nats / deliveries) * 1e6 }),
    ...(besideCpu?.there !== undefined && { thereCpu: (besideCpu.there / deliveries) * 1e6 }),
    ...(loadCpu !== undefined && { busy: loadCpu / seconds }),
    ...(flood?.strangers !== undefined && { strangers: flood.strangers / flood.seconds }),
    ...(flood?.lines !== undefined && {
      floodRate: flood.lines / flood.seconds,
      floodDeliveries: flood.deliveries / flood.seconds,
      replaced: flood.replaced,
    }),
  };
}
