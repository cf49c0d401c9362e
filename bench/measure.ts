import { join } from 'node:path';
import type { DatabaseKind } from './databases';
import { median } from './median';
import type { Options } from './options';
import { cpuSeconds } from './processes';
import { log } from './log';
import type { Contender, Server } from './servers';
import type { Target, Work } from './works';
import { type LoadResult, sendLoad } from './wrk';

/** One contender at one work, as medians of the rounds. */
export interface Result {
  readonly contender: Contender;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the server process per request, in microseconds. */
  readonly cpuMicroseconds: number;
}

export interface Measurement {
  readonly work: Work;
  readonly database: DatabaseKind;
  readonly connections: number;
  readonly results: readonly Result[];
}

/** Servers that are measured side by side, with an access token of each user. */
export type Targets = ReadonlyMap<Contender, Omit<Target, 'connections'>>;

type Round = Omit<Result, 'contender'>;

const WARM_UP_SECONDS = 1;

/** A login takes so long that a round of the usual duration has too few. */
const SLOW_FACTOR = 3;

/** Measures a work with each number of connections; the contenders take turns in every round. */
export async function measureWork(
  work: Work,
  database: DatabaseKind,
  targets: Targets,
  options: Options,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const connections of work.connections ?? options.connections) {
    const contenders = work.contenders[database].flatMap((contender) => {
      const target = targets.get(contender);
      return target ? [{ ...target, connections, rounds: [] as Round[] }] : [];
    });
    for (const target of contenders) await runRound(work, target, WARM_UP_SECONDS);
    for (let round = 0; round < options.rounds; round++) {
      for (const target of contenders) {
        const seconds = options.secondsPerRound * (work.isSlow ? SLOW_FACTOR : 1);
        target.rounds.push(await runRound(work, target, seconds));
      }
    }
    const results = contenders.map(({ server, rounds }) => summarize(server.contender, rounds));
    measurements.push({ work, database, connections, results });
    const rates = results.map(
      (result) => `${result.contender} ${result.requestsPerSecond.toFixed(1)}/s`,
    );
    log(`${database}, ${work.name}, ${connections} connections: ${rates.join(', ')}`);
  }
  return measurements;
}

async function runRound(work: Work, target: Target, seconds: number): Promise<Round> {
  const { server, connections } = target;
  await work.prepare?.(server);
  const items = await work.items(target);
  const cpuBefore = cpuSeconds(server.pid);
  const result = await load(work, server, { items, connections, seconds });
  const cpu = cpuSeconds(server.pid) - cpuBefore;
  server.requests += result.requests;
  return {
    requestsPerSecond: result.requests / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    cpuMicroseconds: (cpu / result.requests) * 1e6,
  };
}

async function load(
  { name, script }: Work,
  { contender, database, folder, port }: Server,
  details: { items: readonly string[]; connections: number; seconds: number },
): Promise<LoadResult> {
  try {
    return await sendLoad({ script, port, file: join(folder, 'load.txt'), ...details });
  } catch (cause) {
    throw new Error(`${name} failed for ${contender} on ${database.kind}`, { cause });
  }
}

function summarize(contender: Contender, rounds: readonly Round[]): Result {
  const medianOf = (key: keyof Round) => median(rounds.map((round) => round[key]));
  return {
    contender,
    requestsPerSecond: medianOf('requestsPerSecond'),
    p50Ms: medianOf('p50Ms'),
    p99Ms: medianOf('p99Ms'),
    cpuMicroseconds: medianOf('cpuMicroseconds'),
  };
}
