import type { Response } from 'express';
import { respondWithPage } from './page-link';

describe('respondWithPage', () => {
  const toEntry = ({ id }: { id: number }) => ({ note_id: id });

  function respond(nextCursor: string | null) {
    const headers: Record<string, string> = {};
    const response = {
      req: { originalUrl: '/orders/1/notes?limit=2&cursor=old', path: '/orders/1/notes' },
      set: (name: string, value: string) => (headers[name] = value),
    } as unknown as Response;
    return { body: respondWithPage(response, { rows: [{ id: 7 }], nextCursor }, toEntry), headers };
  }

  it('returns the entries and the cursor, and links to the next page', () => {
    expect(respond('new')).toEqual({
      body: { data: [{ note_id: 7 }], next_cursor: 'new' },
      headers: { Link: '</orders/1/notes?limit=2&cursor=new>; rel="next"' },
    });
  });

  it('sets no link on the last page', () => {
    expect(respond(null)).toEqual({
      body: { data: [{ note_id: 7 }], next_cursor: null },
      headers: {},
    });
  });
});
