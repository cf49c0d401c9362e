import { type ChildProcess, type SpawnOptions, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

const running = new Set<ChildProcess>();
let isInterrupted = false;

/**
 * Starts a process that ends with this one at the latest.
 * @throws Error after {@link interrupt}
 */
export function start(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  if (isInterrupted) throw new Error('Interrupted');
  const child = spawn(command, args, options);
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** Makes the measurement fail, so that what it has created is removed. */
export function interrupt(): void {
  isInterrupted = true;
  for (const child of running) child.kill('SIGKILL');
}

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
  /** Discards stdout. */
  readonly isSilent?: boolean;
}

/**
 * Runs a process to its end.
 * @returns its stdout
 * @throws Error with its output, when its exit code is not 0
 */
export async function run(
  command: string,
  args: readonly string[],
  { input = '', isSilent = false, ...options }: RunOptions,
): Promise<string> {
  const child = start(command, args, {
    ...options,
    stdio: ['pipe', isSilent ? 'ignore' : 'pipe', 'pipe'],
  });
  child.stdin?.on('error', () => undefined); // it may end without reading
  child.stdin?.end(input);
  const [stdout, stderr, [code, signal]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'close'),
  ]);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args[0]} ended with ${code ?? signal}:\n${stdout}${stderr}`);
}

/** User and system time of a process with all its threads, in seconds. */
export function cpuSeconds(pid: number): number {
  // After the name, which may contain spaces: state is field 3, utime 14, stime 15.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop()?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory in MB (1,000,000 bytes). */
export function residentMegabytes(pid: number): number {
  const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kibibytes) * 1024) / 1e6;
}
