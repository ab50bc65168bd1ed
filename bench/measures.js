// How a figure is taken: with a server of its own for each. What comes back has `perSecond`, `p50` and so on in µs,
// `cpu` in seconds per million deliveries, `peak` in bytes.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  beside,
  besideFlood,
  peakBytes,
  residentBytes,
  runLoad,
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

const measures = { rate, idle, exodus, besideFlood: whileFlooded, besideIdle, besideCrowd };

/** Seconds, for a server that was compiled before. */
const WARM = 1;

/** One figure of one server. `timing` is in seconds: `warm`, `seconds`, and `settle` before memory is read. */
export async function take(peer, what, { pinned, ...options }) {
  const where = { pinned: pinned && !what.unpinned, limits: what.limits };
  const warm = peer.compiles ? options.warm : Math.min(options.warm, WARM);
  const timing = { ...options, warm, seconds: what.seconds ?? options.seconds };
  const result = await withServer(peer, where, (server) => measures[what.measure](server, what, timing));
  const { serverCpu, deliveries, loadCpu, seconds, flood } = result;
  if (deliveries === 0) throw new Error(`nothing arrived in the ${seconds} s that were measured`);
  return {
    ...result,
    ...(serverCpu !== undefined && { cpu: (serverCpu / deliveries) * 1e6 }),
    ...(loadCpu !== undefined && { busy: loadCpu / seconds }),
    ...(flood?.strangers !== undefined && { strangers: flood.strangers / flood.seconds }),
    ...(flood?.lines !== undefined && {
      floodRate: flood.lines / flood.seconds,
      floodDeliveries: flood.deliveries / flood.seconds,
      replaced: flood.replaced,
    }),
  };
}
