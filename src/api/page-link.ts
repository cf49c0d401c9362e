import type { Response } from 'express';
import type { KeysetPage } from './keyset-pages';

/** The header, for the OpenAPI document. */
export const LINK = {
  description: 'Where the next page is (RFC 8288); absent on the last page.',
  schema: { type: 'string', example: '</orders?limit=20&cursor=…>; rel="next"' },
};

/** The next page has the URL of the request, with another cursor. */
function setLinkToNextPage(response: Response, cursor: string): void {
  const { originalUrl, path } = response.req;
  const [, search] = originalUrl.split('?');
  const query = new URLSearchParams(search);
  query.set('cursor', cursor);
  response.set('Link', `<${path}?${query.toString()}>; rel="next"`);
}

/** Sets the `Link` header of a page, unless it is the last one, and returns the body. */
export function respondWithPage<Row, Entry>(
  response: Response,
  { rows, nextCursor }: KeysetPage<Row>,
  toEntry: (row: Row) => Entry,
): { data: Entry[]; next_cursor: string | null } {
  if (nextCursor !== null) setLinkToNextPage(response, nextCursor);
  return { data: rows.map(toEntry), next_cursor: nextCursor };
}
