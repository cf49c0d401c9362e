import type { Response } from 'express';
import { isNotModified } from './entity-tags';
import type { KeysetPage } from './keyset-pages';

/** What a response has besides its body. */
interface StatusAndHeaders {
  /** Replaces the status of the route. */
  readonly status?: number;
  /** Names the state of the body. A client that has this state already gets 304 and no body. */
  readonly etag?: string;
  readonly location?: string;
  /** The cursor of the next page, for the `Link` header; null on the last page. */
  readonly nextCursor?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A handler returns this when its response has more than a body; `BoundedHttpAdapter` sends it. */
export class RouteResult<Body> {
  constructor(
    readonly body: Body,
    private readonly extras: StatusAndHeaders,
  ) {}

  /** Sets the status and the headers of the response. */
  applyTo(response: Response): void {
    const { status, etag, location, nextCursor, headers } = this.extras;
    if (status !== undefined) response.status(status);
    if (location !== undefined) response.location(location);
    if (headers !== undefined) response.set(headers);
    if (typeof nextCursor === 'string') response.set('Link', linkToNextPage(response, nextCursor));
    if (etag === undefined) return;
    response.set('ETag', etag);
    if (isNotModified(response.req, etag)) response.status(304);
  }
}

/** The page of a list as a response: its entries, its `next_cursor`, and the `Link` to the next page. */
export function pageResult<Row, Entry>(
  { rows, nextCursor }: KeysetPage<Row>,
  toEntry: (row: Row) => Entry,
): RouteResult<{ data: Entry[]; next_cursor: string | null }> {
  return new RouteResult({ data: rows.map(toEntry), next_cursor: nextCursor }, { nextCursor });
}

/** The `Link` header of a page, for the OpenAPI document. */
export const LINK = {
  description: 'Links to the next page (RFC 8288); absent on the last page.',
  schema: { type: 'string', example: '</orders?limit=20&cursor=…>; rel="next"' },
};

/** The next page has the URL of the request, with another cursor. */
function linkToNextPage({ req: { originalUrl, path } }: Response, cursor: string): string {
  const [, search] = originalUrl.split('?');
  const query = new URLSearchParams(search);
  query.set('cursor', cursor);
  return `<${path}?${query.toString()}>; rel="next"`;
}
