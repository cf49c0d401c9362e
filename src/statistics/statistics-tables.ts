import type { DataSource, EntityManager } from 'typeorm';
import { anyOf } from '../database/any-of';
import { databaseTime } from '../database/database-time';
import { isPostgres } from '../database/is-postgres';
import { namedQuery } from '../database/named-query';
import { skipLocked } from '../database/skip-locked';
import { valueRows } from '../database/value-rows';
import { LogReader } from '../events/log-reader.entity';
import { OrderCount } from '../orders/order-count.entity';
import { OrderMinute } from '../orders/order-minute.entity';
import type { OrderStatus } from '../orders/order-status';
import { KEPT_SECONDS, type LoggedSteps, type Steps } from './logged-steps';
import { countsByStatus, totalsByMinute } from './order-totals';

// The one place that writes the tables of the statistics. All functions are called in a transaction, by which
// the numbers always belong to the position of the reader.

/** The row of `log_readers` with the position up to which entries are counted. Its lock is that of the tables. */
const READER = 'statistics';

const POSITION_SQL = `SELECT position,
    (SELECT position FROM log_readers WHERE name = 'log') AS latest
  FROM log_readers WHERE name = '${READER}'`;

/** The position of the reader, and the latest one that was assigned. */
export interface ReaderPosition {
  readonly position: number;
  readonly latest: number;
}

/** Reads how far the reader is, without a lock. */
export async function readReaderPosition(manager: EntityManager): Promise<ReaderPosition> {
  const [row] = await namedQuery<ReaderPosition>(manager, POSITION_SQL, {});
  if (!row) throw new TypeError(`The row ${READER} of log_readers is missing`);
  return row;
}

/** @returns undefined when another transaction has the lock */
export async function tryToLockStatistics(
  manager: EntityManager,
): Promise<ReaderPosition | undefined> {
  const [row] = await namedQuery<ReaderPosition>(
    manager,
    `${POSITION_SQL} ${skipLocked(manager.dataSource)}`,
    {},
  );
  return row;
}

/** Adds steps that the reader has not counted yet, and moves it. */
export async function addSteps(
  manager: EntityManager,
  steps: readonly LoggedSteps[],
  position: number,
): Promise<void> {
  await addToCounts(manager, countsByStatus(steps));
  await addToMinutes(manager, steps);
  await manager.update(LogReader, { name: READER }, { position });
}

/**
 * Subtracts what the reader has counted of orders that are then deleted. It will not find their other
 * entries. Throughput is of what has happened, and keeps them.
 */
export async function subtractOrders(
  manager: EntityManager,
  orderIds: readonly number[],
): Promise<void> {
  const [locked] = await namedQuery<ReaderPosition>(manager, lockSql(manager.dataSource), {});
  const [areThese, parameters] = anyOf(manager.dataSource, 'order_id', orderIds);
  const counted = await namedQuery<Steps>(
    manager,
    `SELECT from_status AS "from", to_status AS "to", -COUNT(*) AS entries FROM order_history
     WHERE ${areThese} AND position <= :position GROUP BY from_status, to_status`,
    { ...parameters, position: locked?.position },
  );
  await addToCounts(manager, countsByStatus(counted));
}

/** The reader begins again at the first entry. */
export async function resetStatistics(manager: EntityManager): Promise<void> {
  await namedQuery(manager, lockSql(manager.dataSource), {});
  await manager.deleteAll(OrderCount);
  await manager.deleteAll(OrderMinute);
  await manager.update(LogReader, { name: READER }, { position: 0 });
}

async function addToCounts(
  manager: EntityManager,
  counts: ReadonlyMap<OrderStatus, number>,
): Promise<void> {
  const changes = Array.from(counts, ([status, orders]) => ({ status, orders }));
  const columns = { status: 'text', orders: 'bigint' } as const;
  const { sql, parameters } = valueRows(manager.dataSource, columns, changes);
  await namedQuery(
    manager,
    `INSERT INTO order_counts (status, orders)
     SELECT status, orders FROM (${sql}) AS changes WHERE orders <> 0
     ON CONFLICT (status) DO UPDATE SET orders = order_counts.orders + excluded.orders`,
    parameters,
  );
}

/** Old minutes are deleted with it. */
async function addToMinutes(manager: EntityManager, steps: readonly LoggedSteps[]): Promise<void> {
  const totals = [...totalsByMinute(steps).values()];
  if (totals.length === 0) return;
  const { dataSource } = manager;
  const columns = { minute: 'text', completed: 'bigint', failed: 'bigint' } as const;
  const { sql, parameters } = valueRows(dataSource, columns, totals);
  // PostgreSQL does not convert strings to instants by itself.
  const minute = isPostgres(dataSource) ? 'minute::timestamptz' : 'minute';
  await namedQuery(
    manager,
    `INSERT INTO order_minutes (minute, completed, failed)
     SELECT ${minute}, completed, failed FROM (${sql}) AS totals WHERE TRUE
     ON CONFLICT (minute) DO UPDATE SET completed = order_minutes.completed + excluded.completed,
       failed = order_minutes.failed + excluded.failed`,
    parameters,
  );
  await namedQuery(
    manager,
    `DELETE FROM order_minutes WHERE minute < ${databaseTime(dataSource, -KEPT_SECONDS)}`,
    {},
  );
}

function lockSql(dataSource: DataSource): string {
  return isPostgres(dataSource) ? `${POSITION_SQL} FOR UPDATE` : POSITION_SQL;
}
