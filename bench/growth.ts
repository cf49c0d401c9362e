import { join } from 'node:path';
import { type Database, type DatabaseKind, createDatabase, measuredDatabases } from './databases';
import type { DrainResult } from './drain/measure-queue';
import { drain } from './drains';
import { OWNERS, growthWorks } from './growth-works';
import { log } from './log';
import { type Measurement, measureWork } from './measure';
import type { Options } from './options';
import { LOWEST_COST, hashPassword } from './passwords';
import { DELETE_PENDING_ORDERS, insertCompletedOrders, insertUsers } from './seed';
import { Server } from './servers';
import { logIn } from './tokens';

/** How many completed orders the table has. */
const SIZES = [1_000, 100_000, 1_000_000];

/** What a table of some size costs. */
export interface SizeMeasurement {
  readonly orders: number;
  readonly database: DatabaseKind;
  readonly measurements: readonly Measurement[];
  readonly drain: DrainResult;
}

/** Measures this project with tables of different sizes, one after the other. */
export async function measureGrowth(folder: string, options: Options): Promise<SizeMeasurement[]> {
  const sizes: SizeMeasurement[] = [];
  for (const kind of measuredDatabases(options)) {
    for (const orders of SIZES) {
      const place = join(folder, `${kind}-${orders}`);
      const database = await createDatabase(kind, `growth_${orders}`, place, options);
      try {
        sizes.push(await measureSize(orders, database, place, options));
      } finally {
        await database.drop();
      }
    }
  }
  return sizes;
}

async function measureSize(
  orders: number,
  database: Database,
  folder: string,
  options: Options,
): Promise<SizeMeasurement> {
  const measurements = await measureRequests(orders, database, folder, options);
  await database.execute(DELETE_PENDING_ORDERS); // those that were placed
  const contender = { script: 'this', environment: { BENCH_KEEP_ORDERS: 'true' } } as const;
  const jobs = await drain({ contender, database, folder }, options);
  log(`${database.kind}, ${orders} orders, drain: ${jobs.jobsPerSecond | 0}/s`);
  return { orders, database: database.kind, measurements, drain: jobs };
}

async function measureRequests(
  orders: number,
  database: Database,
  folder: string,
  options: Options,
): Promise<Measurement[]> {
  // The owners are so few that each has a full page of orders, and would exceed the rate limits.
  const environment = { BCRYPT_COST: `${LOWEST_COST}`, RATE_LIMIT_ENABLED: 'false' };
  const server = await Server.start('this', database, { node: options.node, folder, environment });
  try {
    await seed(database, orders);
    log(`Inserted ${orders} orders into ${database.kind}`);
    const tokens = (await logIn(server, OWNERS)).map(({ access_token }) => access_token);
    const targets = new Map([['this' as const, { server, tokens }]]);
    const measurements: Measurement[] = [];
    for (const work of growthWorks(orders)) {
      measurements.push(...(await measureWork(work, database.kind, targets, options)));
    }
    return measurements;
  } finally {
    await server.stop();
  }
}

async function seed(database: Database, orders: number): Promise<void> {
  await database.execute(insertUsers(hashPassword(LOWEST_COST)));
  await database.execute(insertCompletedOrders(orders, OWNERS));
  if (database.kind === 'PostgreSQL') {
    await database.execute('VACUUM ANALYZE orders');
    await database.execute('VACUUM ANALYZE order_history');
  }
}
