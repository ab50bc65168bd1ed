// What was measured, as tables and as verdicts on what rxchat aims for.
import {
  bytes,
  duration,
  pairedDifference,
  pairedRatio,
  percent,
  short,
  spread,
  table,
  times,
  whole,
  withRange,
} from './figures.js';
import { targets } from './cases.js';

const of = (results, figure) =>
  results.map((result) => result[figure]).filter((value) => value !== undefined);
const column = (head, figure, write, ranged = false) => ({
  head,
  cell: ({ results }) => {
    const values = of(results, figure);
    if (values.length === 0) return '';
    return ranged ? withRange(spread(values), write) : write(spread(values).median);
  },
});

/** How many times what the other has rxchat has, run by run. */
const beside = (figure) => ({
  head: 'rxchat is',
  cell: ({ peer, results }, found) => {
    const ours = found.find((one) => one.peer.name === 'rxchat')?.results ?? [];
    if (peer.name === 'rxchat' || ours.length === 0) return '';
    return `${withRange(pairedRatio(of(ours, figure), of(results, figure)), times)} times`;
  },
});

const LATENCIES = [
  column('p50', 'p50', duration),
  column('p99', 'p99', duration),
  column('p99.9', 'p999', duration),
];
const RATE = (head) => [
  column(head, 'perSecond', whole, true),
  beside('perSecond'),
  ...LATENCIES,
  column('CPU s/million', 'cpu', times),
  column('of the other node', 'thereCpu', times),
  column('of NATS', 'natsCpu', times),
  column('peak memory', 'peak', bytes),
  column('load busy', 'busy', percent),
];
const COLUMNS = {
  idle: [
    column('bytes for each', 'perClient', whole, true),
    beside('perClient'),
    column('with none', 'empty', bytes),
    column('with all', 'full', bytes),
  ],
  log: [
    column('inputs/s', 'perSecond', whole, true),
    column('CPU µs each', 'ownCpu', times),
    column('read by others, inputs/s', 'readPerSecond', whole, true),
    column('CPU µs each', 'readCpu', times),
    column('inputs a message', 'together', whole),
    column('bytes each', 'bytesEach', whole),
  ],
  catchUp: [
    column('lets people in after', 'ready', duration, true),
    column('CPU until then', 'readyCpu', duration, true),
    column('peak memory', 'peak', bytes),
  ],
  remote: [
    column('bytes of heap for each', 'perClient', whole, true),
    column('of heap', 'heap', bytes),
    column('resident', 'resident', bytes, true),
    column('peak memory', 'peak', bytes),
  ],
  churn: [
    column('turns/s', 'perSecond', whole, true),
    beside('perSecond'),
    column('mean', 'mean', duration),
    ...LATENCIES,
    column('CPU ms each', 'cpu', (value) => (value / 1e3).toFixed(2)),
    column('peak memory', 'peak', bytes),
  ],
  talkers: [
    column('p99', 'p99', duration, true),
    beside('p99'),
    column('p50', 'p50', duration),
    column('p99.9', 'p999', duration),
    column('longest', 'max', duration),
    column('lines/s', 'perSecond', whole),
    column('flood, lines/s', 'floodRate', whole),
    column('deliveries/s', 'floodDeliveries', whole),
    column('let go', 'replaced', whole),
    column('strangers/s', 'strangers', whole),
    column('peak memory', 'peak', bytes),
  ],
  slow: [...RATE('deliveries/s'), column('slow ones let go', 'slowGone', whole)],
};

function columnsOf({ measure, scenario, group }) {
  if (COLUMNS[measure] !== undefined) return COLUMNS[measure];
  if (scenario === 'churn') return COLUMNS.churn;
  if (group === 'slow') return COLUMNS.slow;
  return isTalk({ group }) ? COLUMNS.talkers : RATE('deliveries/s');
}

/** The cells of a case, a row for each server, and in the last ones why others have none. */
export function rowsOf(what, found) {
  const columns = columnsOf(what);
  const rows = found
    .filter(({ results }) => results.length > 0)
    .map((one) => [one.peer.name, ...columns.map(({ cell }) => cell(one, found))]);
  const used = columns.map((_, index) => rows.some((row) => row[index + 1] !== ''));
  const keep = (row) => row.filter((_, index) => index === 0 || used[index - 1]);
  return {
    head: keep(['', ...columns.map(({ head }) => head)]),
    rows: rows.map(keep),
    missing: found.filter(({ missing }) => missing !== undefined && missing !== 'not asked of it'),
  };
}

export function tableOf(what, found) {
  const { head, rows, missing } = rowsOf(what, found);
  const text = rows.length > 0 ? [table(head, rows)] : [];
  return [...text, ...missing.map(({ peer, missing: why }) => `  ${peer.name}: ${why}`)].join('\n');
}

const isTalk = ({ group }) => ['beside', 'strangers', 'exodus'].includes(group);

/** The one figure of a case that says most, and how it is written down. */
function headline(what) {
  if (what.measure === 'log') return { figure: 'perSecond', unit: 'inputs/s', write: short };
  if (what.measure === 'catchUp')
    return { figure: 'ready', unit: 'until it lets people in', write: duration };
  if (what.measure === 'remote') return { figure: 'heap', unit: 'memory', write: bytes };
  if (what.measure === 'idle') return { figure: 'perClient', unit: 'bytes for each', write: short };
  if (isTalk(what)) return { figure: 'p99', unit: 'p99', write: duration };
  if (what.headline !== undefined) return { figure: what.headline, unit: what.headline, write: duration };
  return { figure: 'perSecond', unit: what.scenario === 'churn' ? 'turns/s' : 'deliveries/s', write: short };
}

/** One row for each case, with its figure of each server that was measured in one of them. */
export function overview(cases, results) {
  const found = cases.flatMap(({ name }) => results[name] ?? []);
  const servers = [
    ...new Set(found.filter(({ results: some }) => some.length > 0).map(({ peer }) => peer.name)),
  ];
  const rows = cases
    .filter(({ name }) => results[name] !== undefined)
    .map((what) => {
      const { figure, unit, write } = headline(what);
      const cells = servers.map((server) => {
        const values = of(results[what.name].find(({ peer }) => peer.name === server)?.results ?? [], figure);
        return values.length > 0 ? write(spread(values).median) : '';
      });
      return [`${what.title}, ${unit}`, ...cells];
    });
  return [['', ...servers], ...rows];
}

function ratioOf({ name, of: whose = 'rxchat', beside: other, besideCase, figure, added }, results) {
  const runs = (which, who) => results[which]?.find(({ peer }) => peer.name === who)?.results ?? [];
  const ours = of(runs(name, whose), figure);
  if (other === undefined && besideCase === undefined) return ours.length > 0 ? spread(ours) : undefined;
  const theirs = of(runs(besideCase ?? name, other ?? 'rxchat'), figure);
  if (ours.length === 0 || theirs.length === 0) return undefined;
  return added ? pairedDifference(ours, theirs) : pairedRatio(ours, theirs);
}

/** What rxchat aims for, as far as it was measured. */
export function verdicts(results) {
  return targets.flatMap((target) => {
    const ratio = ratioOf(target, results);
    if (ratio === undefined) return [];
    const { name, of: whose = 'rxchat', beside: other, besideCase, figure, added, least, most } = target;
    const isRatio = !added && (other !== undefined || besideCase !== undefined);
    const reached = least === undefined ? ratio.median <= most : ratio.median >= least;
    const write = isRatio ? times : figure === 'perSecond' ? short : duration;
    const what = `${name}, ${whose === 'rxchat' ? '' : `${whose}, `}${FIGURES[figure]}${isRatio ? ` / ${other ?? besideCase}` : added ? ` more than ${other}` : ''}`;
    const aim = least === undefined ? `at most ${write(most)}` : `at least ${write(least)}`;
    const text = `${reached ? 'reached' : 'MISSED '}  ${what}: ${withRange(ratio, write)}, aim: ${aim}`;
    return [{ what, aim, reached, figure: withRange(ratio, write), text }];
  });
}

const FIGURES = {
  perSecond: 'rate',
  p50: 'p50',
  p99: 'p99',
  ready: 'start',
  perClient: 'memory of each',
  mean: 'mean',
};
