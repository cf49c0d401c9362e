import { writeFileSync } from 'node:fs';
import { cpuSeconds } from '../processes';

/** A queue that is filled and emptied. */
export interface Queue {
  /** Makes the given number of jobs due, and no others. */
  readonly prepare: (count: number) => Promise<void>;
  /** Completes all due jobs, and returns how many those were. */
  readonly drain: () => Promise<number>;
  /** Returns the processes of PostgreSQL that serve this one. */
  readonly findBackends: ((sql: string) => Promise<{ pid: number }[]>) | undefined;
}

export interface DrainResult {
  readonly jobsPerSecond: number;
  /** CPU time of this process per job, in microseconds. */
  readonly cpuMicroseconds: number;
  /** CPU time of PostgreSQL per job; null on SQLite, or when it runs on another machine. */
  readonly postgresMicroseconds: number | null;
}

/** In the working folder, because log lines go to stdout. */
export const RESULT_FILE = 'result.json';

const BACKENDS = `SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND backend_type = 'client backend'`;

/** Drains a part of the jobs to warm up, then all of them, and writes the result to a file. */
export async function measureQueue(queue: Queue): Promise<void> {
  const count = Number(process.env['BENCH_JOBS']);
  await queue.prepare(Math.ceil(count / 5));
  await queue.drain();
  await queue.prepare(count);
  const postgresBefore = await postgresSeconds(queue);
  const cpuBefore = cpuSeconds(process.pid);
  const startedAt = performance.now();
  const completed = await queue.drain();
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpu = cpuSeconds(process.pid) - cpuBefore;
  const postgresAfter = await postgresSeconds(queue);
  if (completed !== count) throw new Error(`Completed ${completed} of ${count} jobs`);
  const hasPostgres = postgresBefore !== null && postgresAfter !== null;
  const result: DrainResult = {
    jobsPerSecond: count / seconds,
    cpuMicroseconds: (cpu / count) * 1e6,
    postgresMicroseconds: hasPostgres ? ((postgresAfter - postgresBefore) / count) * 1e6 : null,
  };
  writeFileSync(RESULT_FILE, JSON.stringify(result));
}

async function postgresSeconds({ findBackends }: Queue): Promise<number | null> {
  if (!findBackends) return null;
  try {
    const backends = await findBackends(BACKENDS);
    return backends.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // on another machine
    throw error;
  }
}
