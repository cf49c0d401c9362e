import type { SizeMeasurement } from './growth';
import { count, table } from './markdown';
import type { Options } from './options';

/** The costs of tables of different sizes. */
export function toGrowthMarkdown(
  machine: readonly (readonly [name: string, value: string])[],
  sizes: readonly SizeMeasurement[],
  { connections, drain }: Options,
): string {
  const rows = sizes.flatMap(({ orders, database, measurements }) =>
    measurements.flatMap(({ work, results }) =>
      results.map(({ p50Ms, p99Ms, cpuMicroseconds }) => [
        work.name,
        database,
        count(orders),
        p50Ms.toFixed(2),
        p99Ms.toFixed(2),
        cpuMicroseconds === null ? '' : count(cpuMicroseconds),
      ]),
    ),
  );
  const drains = sizes.map(({ orders, database, drain: { jobsPerSecond, cpuMicroseconds } }) => [
    database,
    count(orders),
    count(jobsPerSecond),
    count(cpuMicroseconds),
  ]);
  const parts = [
    '# Cost and the number of orders',
    'Written by `npm run bench -- --growth`. The table has so many completed orders of 50 users; the' +
      ` requests come from ${connections.join(' or ')} connections at once.`,
    table(['', ''], machine),
    '## Requests',
    table(['request', 'database', 'orders', 'p50 ms', 'p99 ms', 'CPU µs/request'], sorted(rows)),
    '## The job',
    `${count(drain.orders)} due orders of 256 users besides, without work, 50 at a time.`,
    table(['database', 'orders', 'due orders/s', 'CPU µs/order'], drains),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The sizes of one request below each other. */
function sorted(rows: readonly string[][]): string[][] {
  const names = [...new Set(rows.map(([name, database]) => `${database}, ${name}`))];
  const place = ([name, database]: string[]) => names.indexOf(`${database}, ${name}`);
  return rows.toSorted((a, b) => place(a) - place(b));
}
