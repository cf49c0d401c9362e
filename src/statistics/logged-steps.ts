import type { DataSource, EntityManager } from 'typeorm';
import { databaseTime } from '../database/database-time';
import { isPostgres } from '../database/is-postgres';
import { namedQuery } from '../database/named-query';
import type { OrderStatus } from '../orders/order-status';

/** How long the minutes of the throughput are kept, in seconds: longer than they are read. */
export const KEPT_SECONDS = 7_200;

/** Steps of orders from a status to another one. */
export interface Steps {
  /** Null for placements. */
  readonly from: OrderStatus | null;
  readonly to: OrderStatus;
  readonly entries: number;
}

/** Steps in a part of the log. */
export interface LoggedSteps extends Steps {
  /** The start of the minute in which the orders were completed, or failed; null when it is not kept. */
  readonly minute: string | null;
  /** The highest of their positions. */
  readonly last: number;
}

/** A part of the log. */
interface LogPart {
  /** A position: entries with higher ones are read. */
  readonly after: number;
  /** Up to this position. */
  readonly through?: number;
  /** How many entries are read, at most. */
  readonly limit: number;
}

/** Reads the steps in a part of the log, those of the same kind and minute together. */
export function readLoggedSteps(
  manager: EntityManager,
  { after, through = Number.MAX_SAFE_INTEGER, limit }: LogPart,
): Promise<LoggedSteps[]> {
  const { dataSource } = manager;
  const isKept = `to_status IN ('completed', 'failed')
    AND created_at >= ${databaseTime(dataSource, -KEPT_SECONDS)}`;
  return namedQuery(
    manager,
    `SELECT from_status AS "from", to_status AS "to", minute, COUNT(*) AS entries,
       MAX(position) AS last
     FROM (
       SELECT from_status, to_status, position,
         CASE WHEN ${isKept} THEN ${minuteOf(dataSource, 'created_at')} END AS minute
       FROM order_history WHERE position > :after AND position <= :through
       ORDER BY position LIMIT :limit
     ) AS part GROUP BY from_status, to_status, minute`,
    { after, through, limit },
  );
}

/** How many entries the steps are of. */
export function entriesOf(steps: readonly Steps[]): number {
  return steps.reduce((sum, { entries }) => sum + entries, 0);
}

/** The highest position of the steps; undefined when there are none. */
export function lastPositionOf(steps: readonly LoggedSteps[]): number | undefined {
  return steps.length > 0 ? Math.max(...steps.map(({ last }) => last)) : undefined;
}

/** SQL of the start of the minute of an instant. */
function minuteOf(dataSource: DataSource, column: string): string {
  return isPostgres(dataSource)
    ? `date_trunc('minute', ${column}, 'UTC')`
    : `strftime('%Y-%m-%dT%H:%M:00.000Z', ${column})`;
}
