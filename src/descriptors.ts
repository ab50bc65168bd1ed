/** How many files and sockets this process may have open. */

/** What is used of `process.report`; Node's types of version 20 lack `excludeNetwork`. */
interface Report {
  excludeNetwork: boolean;
  getReport(): { readonly userLimits?: { readonly open_files?: { readonly soft: number | string } } };
}

/** The descriptor limit (`ulimit -n`); Infinity where there is none, as on Windows. */
export function descriptorLimit(): number {
  const report = process.report as unknown as Report;
  const before = report.excludeNetwork;
  report.excludeNetwork = true; // it would look up the names of all addresses
  const { userLimits } = report.getReport();
  report.excludeNetwork = before;
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Infinity;
}
