import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import { isPostgres } from '../database/is-postgres';
import { CursorCodec, type KeysetPosition } from './cursor-codec';
import { PageQuery } from './page.dto';

/** One page of a list, newest first. */
export interface KeysetPage<Row> {
  readonly rows: readonly Row[];
  /** The cursor of the next page, null on the last one. */
  readonly nextCursor: string | null;
}

/**
 * Pages lists by creation and id, newest first. Nothing is counted or skipped, so a page costs the
 * same at any depth, given an index that ends in `created_at, id`.
 */
@Injectable()
export class KeysetPages {
  constructor(private readonly cursors: CursorCodec) {}

  /**
   * One page of a query on an entity with `createdAt` and `id`.
   * @param list names whose list it is and how it is filtered, such as `notes of order 7`: a cursor
   *   works for no other list
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
   * One page of a list that is read by a statement of its own.
   * @param find returns at most `count` rows after the position, or from the start of the list
   * @throws InvalidCursorError
   */
  async page<Row extends KeysetPosition>(
    list: string,
    { limit = PageQuery.DEFAULT_LIMIT, cursor }: PageQuery,
    find: (before: KeysetPosition | undefined, count: number) => Promise<readonly Row[]>,
  ): Promise<KeysetPage<Row>> {
    const before = cursor === undefined ? undefined : this.cursors.decode(cursor, list);
    // One more than requested shows whether there is a next page.
    const found = await find(before, limit + 1);
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    const hasMore = found.length > limit && last !== undefined;
    return { rows, nextCursor: hasMore ? this.cursors.encode(last, list) : null };
  }
}

/**
 * The queries whose results, one after another, are the rows that follow a position. Each of them
 * reads one range of an index.
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
    : // SQLite bounds only `created_at` by a comparison of rows: it would read the rows of one
      // instant again for each page.
      [`${createdAt} = :pageCreatedAt AND ${id} < :pageId`, `${createdAt} < :pageCreatedAt`];
  return conditions.map((condition) =>
    newestFirst.clone().andWhere(condition, { pageCreatedAt: before.createdAt, pageId: before.id }),
  );
}
