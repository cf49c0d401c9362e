import type { FoundRows, KeysetPosition } from './keyset-position';
import { readPages } from './read-pages';

describe('readPages', () => {
  let positions: (number | undefined)[];

  beforeEach(() => (positions = []));

  /** Reads pages of two rows, with the ids from 1. */
  const pagesOf = (rows: number) =>
    readPages<KeysetPosition>(2, (after) => {
      positions.push(after?.id);
      const first = (after?.id ?? 0) + 1;
      const count = Math.min(2, rows - first + 1);
      const page = Array.from({ length: count }, (_, n) => ({ createdAt: 'now', id: first + n }));
      return Promise.resolve(page);
    });

  it.each([
    [0, [], [undefined]],
    [1, [[1]], [undefined]],
    [2, [[1, 2]], [undefined, 2]],
    [3, [[1, 2], [3]], [undefined, 2]],
  ])('reads %i rows in pages, until one is not full', async (rows, expected, expectedPositions) => {
    const pages: number[][] = [];
    for await (const page of pagesOf(rows)) pages.push(page.map(({ id }) => id));
    expect(pages).toEqual(expected);
    expect(positions).toEqual(expectedPositions);
  });

  it('reads a page when it is requested, and has emptied the one before', async () => {
    const pages = pagesOf(4);
    const { value: first } = await pages.next();
    expect(first).toHaveLength(2);
    expect(positions).toEqual([undefined]);
    await pages.next();
    expect(first).toEqual([]);
  });

  it('continues where a search has ended early, and yields its page even without rows', async () => {
    const at = (id: number) => ({ createdAt: 'now', id });
    const results: FoundRows<KeysetPosition>[] = [
      { rows: [], endedAt: at(10) },
      { rows: [], endedAt: at(20) },
      { rows: [at(21)], endedAt: at(30) },
      { rows: [], endedAt: undefined },
    ];
    const pages = readPages<KeysetPosition>(2, (after) => {
      positions.push(after?.id);
      return Promise.resolve(results[positions.length - 1]!);
    });
    const read: number[][] = [];
    for await (const page of pages) read.push(page.map(({ id }) => id));
    expect(read).toEqual([[], [], [21]]);
    expect(positions).toEqual([undefined, 10, 20, 30]);
  });
});
