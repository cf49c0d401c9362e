import { setTimeout as delay } from 'node:timers/promises';
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
  /** CPU time of the server process per request; null when it has another load, too. */
  readonly cpuMicroseconds: number | null;
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

/** A server that has used no CPU time for this long has finished its last requests. */
const SETTLED_MS = 100;

/** How long the last requests may take. */
const MAX_SETTLE_MS = 10_000;

/** Measures a work with each number of connections; the contenders take turns in every round. */
export async function measureWork(
  work: Work,
  database: DatabaseKind,
  targets: Targets,
  options: Options,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const connections of connectionsOf(work, options)) {
    const contenders = work.contenders[database].flatMap((contender) => {
      const target = targets.get(contender);
      return target ? [{ ...target, connections, rounds: [] as Round[] }] : [];
    });
    const seconds = options.secondsPerRound * (work.isSlow ? SLOW_FACTOR : 1);
    for (const target of contenders) await runRound(work, target, WARM_UP_SECONDS);
    for (let round = 0; round < options.rounds; round++) {
      for (const target of contenders) {
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

/** A quick run measures the lowest number only. */
function connectionsOf({ connections }: Work, options: Options): readonly number[] {
  if (!connections) return options.connections;
  return options.isQuick ? connections.slice(0, 1) : connections;
}

async function runRound(work: Work, target: Target, seconds: number): Promise<Round> {
  const { server, connections } = target;
  const other = work.beside && (await prepare(work.beside.work, target, work.beside.connections));
  const own = await prepare(work, target, connections);
  const cpuBefore = cpuSeconds(server.pid);
  const [result] = await Promise.all([own(seconds), other?.(seconds)]);
  await settle(server.pid);
  const cpu = cpuSeconds(server.pid) - cpuBefore;
  const served = result.requests + connections; // wrk does not count its last ones
  return {
    requestsPerSecond: result.requests / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    cpuMicroseconds: other ? null : (cpu / served) * 1e6,
  };
}

/** The server still works on the last requests when wrk has closed its connections. */
async function settle(pid: number): Promise<void> {
  const deadline = performance.now() + MAX_SETTLE_MS;
  let before: number;
  do {
    before = cpuSeconds(pid);
    await delay(SETTLED_MS);
  } while (cpuSeconds(pid) > before && performance.now() < deadline);
}

/** Does everything in advance that would add to the CPU time of the server. */
async function prepare(
  work: Work,
  target: Target,
  connections: number,
): Promise<(seconds: number) => Promise<LoadResult>> {
  const { server } = target;
  await work.prepare?.(server);
  const items = await work.items({ ...target, connections });
  return async (seconds) => {
    const result = await load(work, server, { items, connections, seconds });
    server.requests += result.requests;
    return result;
  };
}

async function load(
  { name, script, pauseMs }: Work,
  { contender, database, folder, port }: Server,
  details: { items: readonly string[]; connections: number; seconds: number },
): Promise<LoadResult> {
  try {
    return await sendLoad({ script, pauseMs, port, folder, ...details });
  } catch (cause) {
    throw new Error(`${name} failed for ${contender} on ${database.kind}`, { cause });
  }
}

function summarize(contender: Contender, rounds: readonly Round[]): Result {
  const medianOf = (key: keyof Round) => median(rounds.flatMap((round) => round[key] ?? []));
  if (rounds.some(({ requestsPerSecond }) => requestsPerSecond === 0)) {
    throw new Error(`${contender} completed no request in a round`);
  }
  const hasCpu = rounds.every(({ cpuMicroseconds }) => cpuMicroseconds !== null);
  return {
    contender,
    requestsPerSecond: medianOf('requestsPerSecond'),
    p50Ms: medianOf('p50Ms'),
    p99Ms: medianOf('p99Ms'),
    cpuMicroseconds: hasCpu ? medianOf('cpuMicroseconds') : null,
  };
}
