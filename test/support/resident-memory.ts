import { readFileSync } from 'node:fs';
import type { ServerProcess } from './server-process';

/** The memory of another process can be read on Linux only. */
export const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

/** The resident memory of a server, in megabytes. */
export function megabytesOf({ process: { pid } }: ServerProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024;
}
