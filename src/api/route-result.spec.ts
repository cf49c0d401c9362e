import type { Response } from 'express';
import { RouteResult, pageResult } from './route-result';

/** What a result sets on the response to a request. */
function outcomeOf(result: RouteResult<unknown>, request: object = {}) {
  const outcome: { status?: number; headers: Record<string, string> } = { headers: {} };
  const response = {
    req: { method: 'GET', headers: {}, originalUrl: '/', path: '/', ...request },
    status: (status: number) => (outcome.status = status),
    location: (url: string) => (outcome.headers['Location'] = url),
    set: (headers: string | Record<string, string>, value: string) =>
      Object.assign(outcome.headers, typeof headers === 'string' ? { [headers]: value } : headers),
  };
  result.applyTo(response as unknown as Response);
  return outcome;
}

describe('RouteResult', () => {
  it('sets its status and headers', () => {
    const result = new RouteResult({}, { status: 201, location: '/a/1', headers: { 'X-A': '1' } });
    expect(outcomeOf(result)).toEqual({
      status: 201,
      headers: { Location: '/a/1', 'X-A': '1' },
    });
  });

  const tagged = new RouteResult({}, { status: 200, etag: '"1"' });

  it.each(['"1"', '*', 'W/"1"', '"0", "1-gzip"'])(
    'responds with 304 to a GET with If-None-Match: %s',
    (ifNoneMatch) => {
      const headers = { 'if-none-match': ifNoneMatch, 'cache-control': 'no-cache' };
      for (const method of ['GET', 'HEAD']) {
        expect(outcomeOf(tagged, { method, headers })).toEqual({
          status: 304,
          headers: { ETag: '"1"' },
        });
      }
      expect(outcomeOf(tagged, { method: 'PATCH', headers }).status).toBe(200);
    },
  );

  it.each(['"2"', '', ' ', '"1'])(
    'responds with the body to a GET with If-None-Match: %p',
    (ifNoneMatch) => {
      const headers = { 'if-none-match': ifNoneMatch };
      expect(outcomeOf(tagged, { headers }).status).toBe(200);
    },
  );
});

describe('pageResult', () => {
  const resultOf = (nextCursor: string | null) =>
    pageResult({ rows: [{ id: 7 }], nextCursor }, ({ id }) => ({ note_id: id }));
  const request = {
    originalUrl: '/orders/1/notes?limit=2&cursor=old',
    path: '/orders/1/notes',
  };

  it('has the entries and the cursor, and links to the next page', () => {
    expect(resultOf('new').body).toEqual({ data: [{ note_id: 7 }], next_cursor: 'new' });
    expect(outcomeOf(resultOf('new'), request).headers).toEqual({
      Link: '</orders/1/notes?limit=2&cursor=new>; rel="next"',
    });
  });

  it('has no link on the last page', () => {
    expect(resultOf(null).body).toEqual({ data: [{ note_id: 7 }], next_cursor: null });
    expect(outcomeOf(resultOf(null), request).headers).toEqual({});
  });
});
