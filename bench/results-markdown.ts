import type { DrainMeasurement } from './drains';
import type { Measurement, Result } from './measure';
import { count, table } from './markdown';
import type { Options } from './options';
import type { Footprint } from './side-by-side';

export interface Results {
  readonly machine: readonly (readonly [name: string, value: string])[];
  /** Of the minute before the first measurement. */
  readonly loadAverage: number;
  readonly measurements: readonly Measurement[];
  readonly footprints: readonly Footprint[];
  readonly drains: readonly DrainMeasurement[];
}

const REQUEST_COLUMNS = [
  'work',
  'database',
  'connections',
  'contender',
  'requests/s',
  'this is',
  'p50 ms',
  'p99 ms',
  'CPU µs/request',
  'CPU: this is',
];

/** The results as tables. */
export function toMarkdown(results: Results, options: Options): string {
  const { machine, loadAverage, measurements, footprints, drains } = results;
  const parts = [
    '# Results of the benchmark',
    `Written by \`npm run bench\`; [README.md](README.md) says what is measured.` +
      ` ${describeRounds(options)} The load average before was ${loadAverage.toFixed(2)}.`,
    table(['', ''], machine),
    '## Requests',
    table(REQUEST_COLUMNS, measurements.flatMap(requestRows)),
  ];
  if (drains.length > 0) parts.push(...drainPart(drains, options));
  if (footprints.length > 0) {
    parts.push(
      '## Start and memory',
      table(
        ['contender', 'database', 'ready after ms', 'idle MB', 'after the load MB', 'requests'],
        footprints.map((footprint) => [
          footprint.contender,
          footprint.database,
          `${Math.round(footprint.readyMs)}`,
          `${Math.round(footprint.idleMegabytes)}`,
          `${Math.round(footprint.loadedMegabytes)}`,
          count(footprint.requests),
        ]),
      ),
    );
  }
  return `${parts.join('\n\n')}\n`;
}

function describeRounds({ isQuick, rounds, secondsPerRound, starts }: Options): string {
  return isQuick
    ? `A quick run is less exact: one round of ${secondsPerRound} s, and one start, which creates the tables.`
    : `Figures are medians of ${rounds} rounds of ${secondsPerRound} s, and of ${starts} starts.`;
}

function drainPart(drains: readonly DrainMeasurement[], { drain }: Options): string[] {
  return [
    '## Jobs without work',
    `${count(drain.orders)} due jobs; rounds: ${drain.rounds}.`,
    table(
      ['queue', 'database', 'jobs/s', 'CPU µs/job', 'CPU µs/job of PostgreSQL'],
      drains.map(({ name, database, jobsPerSecond, cpuMicroseconds, postgresMicroseconds }) => [
        name,
        database,
        count(jobsPerSecond),
        count(cpuMicroseconds),
        postgresMicroseconds === null ? '' : count(postgresMicroseconds),
      ]),
    ),
  ];
}

function requestRows({ work, database, connections, results }: Measurement): string[][] {
  const own = results.find(({ contender }) => contender === 'this');
  return results.map((result) => [
    work.name,
    database,
    `${connections}`,
    result.contender,
    count(result.requestsPerSecond),
    ratio(own, result, 'requestsPerSecond'),
    result.p50Ms.toFixed(2),
    result.p99Ms.toFixed(2),
    result.cpuMicroseconds === null ? '' : count(result.cpuMicroseconds),
    ratio(own, result, 'cpuMicroseconds'),
  ]);
}

/** How this project compares with another contender. */
function ratio(
  own: Result | undefined,
  other: Result,
  key: 'requestsPerSecond' | 'cpuMicroseconds',
): string {
  const [ownValue, otherValue] = [own?.[key], other[key]];
  if (own === other || typeof ownValue !== 'number' || otherValue === null) return '';
  return `${(ownValue / otherValue).toFixed(2)} x`;
}
