import type { Response } from 'express';
import type { KeysetPage } from './keyset-pages';

/** The header, for the OpenAPI document. */
export const LINK = {
  description: 'Where the next page is (RFC 8288); absent on the last page.',
  schema: { type: 'string', example: '</orders?limit=20&cursor=…>; rel="next"' },
};

/**
 * Tells where the next page is (RFC 8288): at the same request with another cursor.
 * @param cursor null on the last page
 */
export function linkToNextPage(response: Response, cursor: string | null): void {
  if (cursor === null) return;
  const { originalUrl, path } = response.req;
  const [, search] = originalUrl.split('?');
  const query = new URLSearchParams(search);
  query.set('cursor', cursor);
  response.set('Link', `<${path}?${query.toString()}>; rel="next"`);
}

/** Sets the `Link` header of a page, and returns its body. */
export function respondWithPage<Row, Entry>(
  response: Response,
  { rows, nextCursor }: KeysetPage<Row>,
  toEntry: (row: Row) => Entry,
): { data: Entry[]; next_cursor: string | null } {
  linkToNextPage(response, nextCursor);
  return { data: rows.map(toEntry), next_cursor: nextCursor };
}
