import type { DataSource } from 'typeorm';
import type { KeysetPosition } from '../api/cursor-codec';
import { isPostgres } from '../database/is-postgres';
import { ORDER_STATUSES, type OrderStatus } from './order-status';

/** What a list is restricted to; what is left out does not restrict it. */
export interface OrderFilter {
  readonly userId?: number | undefined;
  readonly statuses?: readonly OrderStatus[] | undefined;
  readonly createdFrom?: Date | undefined;
  /** Exclusive. */
  readonly createdTo?: Date | undefined;
}

const NEWEST_FIRST = 'ORDER BY created_at DESC, id DESC';

/**
 * SQL, with named parameters, for the next orders of a list: newest first, and those of one instant
 * by descending id.
 *
 * It is put together from ranges of an index, one per status, each of which is in the wanted order
 * already. Both databases merge them without sorting (PostgreSQL by Merge Append, SQLite by MERGE),
 * and stop when the page is full. So a page costs the same however many orders there are, and
 * however few of them a filter lets through.
 */
export function orderListStatement(
  dataSource: DataSource,
  { userId, statuses, createdFrom, createdTo }: OrderFilter,
  before: KeysetPosition | undefined,
  count: number,
): { sql: string; parameters: Record<string, unknown> } {
  const dialect = isPostgres(dataSource) ? POSTGRES : SQLITE;
  // There is no index over all orders of all users that has no status in it.
  const branches = statuses ?? (userId === undefined ? ORDER_STATUSES : [undefined]);
  const from = createdFrom ? ['created_at >= :createdFrom'] : [];
  const to = createdTo ? ['created_at < :createdTo'] : [];
  // The position lies before `createdTo`, so it is the bound.
  const ranges = before ? dialect.rangesBefore(from) : [[...from, ...to]];
  const selects = branches.flatMap((status, index) =>
    ranges.map((range) => {
      const owner = userId === undefined ? [] : ['user_id = :userId'];
      const branch = status === undefined ? [] : [`status = :status${index}`];
      const conditions = [...owner, ...branch, ...range].join(' AND ');
      return dialect.ordered(`SELECT * FROM orders WHERE ${conditions}`);
    }),
  );
  return {
    sql: `${selects.join(' UNION ALL ')} ${NEWEST_FIRST} LIMIT :count`,
    parameters: {
      count,
      userId,
      createdFrom,
      createdTo,
      createdAt: before?.createdAt,
      id: before?.id,
      ...Object.fromEntries(branches.map((status, index) => [`status${index}`, status])),
    },
  };
}

/** How each database is brought to read nothing but the page. */
interface Dialect {
  /** Conditions for what follows a position. `from` is the lower bound. */
  rangesBefore(from: readonly string[]): string[][];
  /** A branch of the union, to be read in the wanted order. */
  ordered(select: string): string;
}

const POSTGRES: Dialect = {
  rangesBefore: (from) => [[...from, '(created_at, id) < (:createdAt, :id)']],
  // Without a LIMIT the branches would be flattened, and their rows sorted together.
  ordered: (select) => `SELECT * FROM (${select} ${NEWEST_FIRST} LIMIT :count) AS branch`,
};

const SQLITE: Dialect = {
  // A comparison of rows bounds only `created_at`: orders of one instant would be read again.
  rangesBefore: (from) => [
    ['created_at = :createdAt', 'id < :id'],
    [...from, 'created_at < :createdAt'],
  ],
  ordered: (select) => select,
};
