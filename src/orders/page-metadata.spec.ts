import type { EntityManager } from 'typeorm';
import { MAX_METADATA_ENTRY_LENGTH } from './metadata';
import { MAX_LISTED_METADATA, readPageMetadata } from './page-metadata';

/** Of which a page has the longest. */
const MAX_ENTRIES = Math.floor(MAX_LISTED_METADATA / MAX_METADATA_ENTRY_LENGTH);

describe('readPageMetadata', () => {
  const query = (sql: string, [ids]: [string]) => {
    const batch = JSON.parse(ids) as number[];
    if (sql.includes('COUNT')) {
      counted.push(batch.length);
      return Promise.resolve(batch.map((id) => ({ id, keys: keysOfOne })));
    }
    batches.push(batch);
    return Promise.resolve(batch.map((id) => ({ id, json: 'x'.repeat(lengthOfOne) })));
  };
  const driver = {
    escapeQueryWithParameters: (sql: string, values: object) => [sql, Object.values(values)],
  };
  const dataSource = { options: { type: 'better-sqlite3' }, driver };
  const manager = { dataSource, query } as unknown as EntityManager;
  let counted: number[];
  let batches: (readonly number[])[];
  let keysOfOne: number;
  let lengthOfOne: number;

  beforeEach(() => {
    counted = [];
    batches = [];
  });

  const pageOf = (count: number, metadataKeys: number) => {
    keysOfOne = metadataKeys;
    const metadataVersion = metadataKeys > 0 ? 1 : 0;
    return {
      rows: Array.from({ length: count }, (_, id) => ({ createdAt: 'now', id, metadataVersion })),
      endedAt: { createdAt: 'then', id: 9 },
    };
  };

  const readPage = (page: ReturnType<typeof pageOf>) =>
    readPageMetadata(manager, page, MAX_LISTED_METADATA);

  it('reads nothing when no order has metadata', async () => {
    const { rows, endedAt } = await readPage(pageOf(200, 0));
    expect([batches, counted]).toEqual([[], []]);
    expect(rows.map(({ metadataJson }) => metadataJson)).toEqual(Array(200).fill(null));
    expect(endedAt).toEqual({ createdAt: 'then', id: 9 });
  });

  it('counts no keys of so few orders that all of their metadata is returned', async () => {
    lengthOfOne = 50_000;
    const { rows } = await readPage(pageOf(19, 50));
    expect(rows).toHaveLength(19);
    expect(counted).toEqual([]);
    expect(batches.map((ids) => ids.length)).toEqual([19]);
  });

  it('reads little metadata of a whole page at once', async () => {
    lengthOfOne = 100;
    const { rows, endedAt } = await readPage(pageOf(200, 4));
    expect(batches.map((ids) => ids.length)).toEqual([200]);
    expect(rows).toHaveLength(200);
    expect(endedAt).toEqual({ createdAt: 'then', id: 9 });
  });

  it('reads short values of many keys in parts', async () => {
    lengthOfOne = 50 * 20;
    const { rows } = await readPage(pageOf(100, 50));
    expect(rows).toHaveLength(100);
    expect(batches.flat()).toHaveLength(100);
    expect(batches.length).toBeLessThan(8);
  });

  it('ends the page before the order whose metadata could be too much, and has not read it', async () => {
    lengthOfOne = 50 * MAX_METADATA_ENTRY_LENGTH;
    const { rows, endedAt } = await readPage(pageOf(200, 50));
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 19 }, (_, id) => id));
    expect(batches.flat()).toHaveLength(19);
    expect(endedAt).toMatchObject({ createdAt: 'now', id: 18 });
  });

  it('reads an order alone that has more metadata than the API accepts', async () => {
    lengthOfOne = 2_000_000;
    const { rows, endedAt } = await readPage(pageOf(30, MAX_ENTRIES + 1));
    expect(rows.map(({ id }) => id)).toEqual([0]);
    expect(endedAt).toMatchObject({ id: 0 });
  });
});
