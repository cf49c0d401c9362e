import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './processes';

/** Lua is not compiled, so the scripts stay in the source folder. */
const SCRIPTS = join(__dirname, '..', 'load');

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface RawResult extends LoadResult {
  readonly failedResponses: number;
  readonly socketErrors: number;
  readonly timeouts: number;
}

export interface Load {
  readonly script: 'cycle' | 'refresh';
  /** Where the items are written for the script. */
  readonly folder: string;
  readonly items: readonly string[];
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Between a response and the next request of a connection. */
  readonly pauseMs?: number | undefined;
}

let runs = 0;

/** @throws Error when wrk is not installed */
export function requireWrk(): void {
  if (spawnSync('wrk', ['-v']).error) {
    throw new Error('wrk, which creates the load, is not installed: apt-get install wrk');
  }
}

/**
 * Sends requests from one thread of wrk.
 * @throws Error when a request failed: a rejected one costs less than one that is served
 */
export async function sendLoad(load: Load): Promise<LoadResult> {
  const name = `${process.pid}-${runs++}`;
  const file = join(load.folder, `load-${name}.txt`);
  writeFileSync(file, load.items.join('\u0001'));
  const output = await run(
    'wrk',
    [
      '--threads=1',
      `--connections=${load.connections}`,
      `--duration=${load.seconds}s`,
      '--timeout=30s',
      `--script=${join(SCRIPTS, `${load.script}.lua`)}`,
      `http://127.0.0.1:${load.port}`,
      '--',
      file,
      `${name}-`,
      `${load.pauseMs ?? 0}`,
    ],
    { env: { PATH: process.env['PATH'], BENCH_LOAD: SCRIPTS } },
  );
  rmSync(file);
  const json = /^RESULT (.*)$/m.exec(output)?.[1];
  if (!json) throw new Error(`wrk printed no result:\n${output}`);
  const { failedResponses, socketErrors, timeouts, ...result } = JSON.parse(json) as RawResult;
  if (failedResponses + socketErrors + timeouts > 0) {
    throw new Error(
      `Of ${result.requests} requests, ${failedResponses} responses had a status of 400 or more; ` +
        `${socketErrors} socket errors, ${timeouts} timeouts. Is the machine busy?`,
    );
  }
  return result;
}
