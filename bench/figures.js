// Medians, ratios and how they are written down.

export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** Of two neighbouring runs each, as far as both have them. */
export const pairedRatio = (ours, theirs) => paired(ours, theirs, (our, their) => our / their);
export const pairedDifference = (ours, theirs) => paired(ours, theirs, (our, their) => our - their);

function paired(ours, theirs, of) {
  const both = Math.min(ours.length, theirs.length);
  return spread(ours.slice(0, both).map((value, run) => of(value, theirs[run])));
}

export const whole = (value) => Math.round(value).toLocaleString('en');
export const short = (value) =>
  value >= 1e6
    ? `${+(value / 1e6).toPrecision(3)} M`
    : value >= 1e3
      ? `${+(value / 1e3).toPrecision(3)} k`
      : `${+value.toPrecision(3)}`;
export const percent = (value) => `${Math.round(value * 100)} %`;
export const bytes = (value) => `${(value / 1e6).toFixed(value < 1e7 ? 1 : 0)} MB`;
export const times = (value) => value.toFixed(2);

export function duration(us) {
  if (us >= 1e6) return `${(us / 1e6).toFixed(2)} s`;
  if (us >= 1e4) return `${(us / 1e3).toFixed(0)} ms`;
  return us >= 1e3 ? `${(us / 1e3).toFixed(1)} ms` : `${us.toFixed(0)} µs`;
}

export function withRange({ median, min, max }, write) {
  return min === max ? write(median) : `${write(median)} (${write(min)}–${write(max)})`;
}

export function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('   ');
  return [head, ...rows].map((row) => `  ${line(row)}`.trimEnd()).join('\n');
}
