import type { Response } from 'express';

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
