import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import { isPostgres } from '../database/is-postgres';
import { type FoundRows, type KeysetPosition, toFoundRows } from '../database/keyset-position';
import { CursorCodec } from './cursor-codec';
import { PageQuery } from './page.dto';

/** One page of a list, newest first. */
export interface KeysetPage<Row> {
  readonly rows: readonly Row[];
  /** The cursor of the next page, null on the last one. */
  readonly nextCursor: string | null;
}

/**
 * Reads lists page by page, sorted by creation and id, newest first. No row is counted or skipped, so
 * with an index that ends in `created_at, id` every page of a list costs the same.
 */
@Injectable()
export class KeysetPages {
  constructor(private readonly cursors: CursorCodec) {}

  /**
   * Reads one page of a query on an entity with `createdAt` and `id`.
   * @param list identifies the list with its owner and filters, such as `notes of order 7`: its cursors
   *   are valid for this list only
   * @throws InvalidCursorError
   */
  ofQuery<Entity extends KeysetPosition>(
    query: SelectQueryBuilder<Entity>,
    list: string,
    page: PageQuery,
  ): Promise<KeysetPage<Entity>> {
    return this.page(list, page, async (before, count) => {
      const rows: Entity[] = [];
      for (const range of rangesBefore(query, before, count)) {
        if (rows.length < count) rows.push(...(await range.getMany()));
      }
      return rows.slice(0, count);
    });
  }

  /**
   * Reads one page of a list that has a statement of its own.
   * @param find returns at most `count` rows that follow the position, or the first rows of the list. With
   *   fewer rows than requested, a page ends the list, unless the search ended at a position.
   * @throws InvalidCursorError
   */
  async page<Row extends KeysetPosition>(
    list: string,
    { limit = PageQuery.DEFAULT_LIMIT, cursor }: PageQuery,
    find: (before: KeysetPosition | undefined, count: number) => Promise<Row[] | FoundRows<Row>>,
  ): Promise<KeysetPage<Row>> {
    const before = cursor === undefined ? undefined : this.cursors.decode(cursor, list);
    // One more row than requested shows whether there is a next page.
    const found = toFoundRows(await find(before, limit + 1));
    const rows = found.rows.slice(0, limit);
    const end = found.rows.length > limit ? rows.at(-1) : found.endedAt;
    return { rows, nextCursor: end ? this.cursors.encode(end, list) : null };
  }
}

/**
 * The queries that together return the rows that follow a position, in this order. Each of them reads
 * one range of an index.
 */
export function rangesBefore<Entity extends KeysetPosition>(
  query: SelectQueryBuilder<Entity>,
  before: KeysetPosition | undefined,
  count: number,
): SelectQueryBuilder<Entity>[] {
  const createdAt = `${query.alias}.createdAt`;
  const id = `${query.alias}.id`;
  const newestFirst = query.clone().orderBy(createdAt, 'DESC').addOrderBy(id, 'DESC').take(count);
  if (!before) return [newestFirst];
  const conditions = isPostgres(query.dataSource)
    ? [`(${createdAt}, ${id}) < (:pageCreatedAt, :pageId)`]
    : // With a comparison of rows, SQLite bounds `created_at` only, and would read all rows of an
      // instant again for each page.
      [`${createdAt} = :pageCreatedAt AND ${id} < :pageId`, `${createdAt} < :pageCreatedAt`];
  return conditions.map((condition) =>
    newestFirst.clone().andWhere(condition, { pageCreatedAt: before.createdAt, pageId: before.id }),
  );
}
