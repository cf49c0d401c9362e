import type { DataSource } from 'typeorm';
import { isPostgres } from '../database/is-postgres';
import type { KeysetPosition } from '../database/keyset-position';

interface Bounds {
  readonly createdFrom?: Date | undefined;
  /** Exclusive. */
  readonly createdTo?: Date | undefined;
  /** The position after which the rows follow, newest first. */
  readonly before?: KeysetPosition | undefined;
}

/**
 * Conditions in SQL for the rows of a keyset page, newest first. Each item is one range of an index that
 * ends in `created_at` and the id; together, and in this order, they are the rows that follow the position.
 * @param id the column of the id
 * @returns with the parameters `createdFrom`, `createdTo`, `createdAt` and `id`
 */
export function keysetRanges(
  dataSource: DataSource,
  { createdFrom, createdTo, before }: Bounds,
  id = 'id',
): string[][] {
  const from = createdFrom ? ['created_at >= :createdFrom'] : [];
  if (!before) return [[...from, ...(createdTo ? ['created_at < :createdTo'] : [])]];
  // The position is before `createdTo`, and replaces it as the upper bound.
  if (isPostgres(dataSource)) return [[...from, `(created_at, ${id}) < (:createdAt, :id)`]];
  // A comparison of rows bounds only `created_at`, and would read orders of one instant again.
  return [
    ['created_at = :createdAt', `${id} < :id`],
    [...from, 'created_at < :createdAt'],
  ];
}
