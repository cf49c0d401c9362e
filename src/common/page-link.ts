import type { Response } from 'express';

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
