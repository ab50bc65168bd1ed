// Says whether a delivery costs more CPU than it did: beside the plain node:net server of the same run, which noise
// and machine hurt alike, and compared with what is committed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build.js';
import { cases } from './cases.js';
import { spread } from './figures.js';
import { take } from './measures.js';
import { plain, rxchat } from './peers/rxchat.js';

const FILE = join(root, 'bench', 'baseline.json');
const CASES = ['direct-100', 'pingpong-50', 'names-100', 'room-100', 'room-1000'];
/** Seconds: a server that compiles while it runs takes its time, also where the rest is quick. */
const WARM = 2.5;
/** Past this share more is a failure. */
const MORE = 0.2;

/** The exit status. */
export async function check({ quick, accept, withoutC, ...options }) {
  if (withoutC !== undefined) {
    console.log(`no check, since ${withoutC}`);
    return 0;
  }
  const runs = quick ? 3 : 7;
  const timing = { ...options, warm: WARM };
  const measured = {};
  for (const name of CASES) {
    const what = cases.find((one) => one.name === name);
    const ratios = [];
    for (let run = 0; run < runs; run++) {
      const [ours, theirs] = [await take(rxchat, what, timing), await take(plain, what, timing)];
      ratios.push(ours.cpu / theirs.cpu);
    }
    measured[name] = spread(ratios).median;
  }
  const baseline = JSON.parse(readFileSync(FILE, 'utf8'));
  console.log('CPU for a delivery, as a share of what plain node:net takes:');
  let failed = false;
  for (const [name, share] of Object.entries(measured)) {
    const change = share / baseline[name] - 1;
    failed ||= change > MORE;
    const verdict = change > MORE ? `MORE THAN ${MORE * 100} %` : 'fine';
    console.log(
      `  ${name.padEnd(12)} ${share.toPrecision(3)}, was ${baseline[name]}: ${Math.round(change * 100)} %, ${verdict}`,
    );
  }
  if (accept)
    writeFileSync(
      FILE,
      `${JSON.stringify(measured, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(3)) : value), 2)}\n`,
    );
  return failed && !accept ? 1 : 0;
}
