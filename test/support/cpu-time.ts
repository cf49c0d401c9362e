/**
 * CPU time of synchronous work, in milliseconds. Unlike the time that passes, it contains nothing of the
 * processes that run beside it.
 */
export function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
