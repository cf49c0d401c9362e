/** How often a search begins at the first key, in milliseconds, at most. */
const MIN_FULL_SEARCH_INTERVAL_MS = 1_000;

/** The share of the time that searches from the first key may take. */
const FULL_SEARCH_SHARE = 0.05;

/**
 * Where a search in the order of an index begins. While an old transaction is open, PostgreSQL keeps
 * the index entries of all rows that left the index since, and a search from the first key reads past
 * all of them. So a search begins at the first key that the last one has found. Rows with lower keys
 * can still arrive, so from time to time a full search begins at the first key.
 */
export class SearchStart<Key extends number | string, Row> {
  private from: Key;
  private nextFullSearchAt = -Infinity;

  constructor(
    private readonly first: Key,
    private readonly keyOf: (row: Row) => Key,
  ) {
    this.from = first;
  }

  /** True when the next search begins at the first key. */
  get isFullSearchDue(): boolean {
    return performance.now() >= this.nextFullSearchAt;
  }

  /**
   * Searches for the next rows.
   * @param search returns the first rows whose key is at least `from`
   */
  run(search: (from: Key) => Promise<Row[]>): Promise<Row[]> {
    return this.isFullSearchDue ? this.runFull(search) : this.searchFrom(this.from, search);
  }

  /** Searches from the first key. While it runs, and for a pause after it, other searches do not. */
  async runFull(search: (from: Key) => Promise<Row[]>): Promise<Row[]> {
    const startedAt = performance.now();
    this.nextFullSearchAt = Infinity;
    try {
      return await this.searchFrom(this.first, search);
    } finally {
      // Also after an error: a search that exceeds the time limit must not make every claim fail.
      const endedAt = performance.now();
      const pause = (endedAt - startedAt) / FULL_SEARCH_SHARE;
      this.nextFullSearchAt = endedAt + Math.max(MIN_FULL_SEARCH_INTERVAL_MS, pause);
    }
  }

  private async searchFrom(from: Key, search: (from: Key) => Promise<Row[]>): Promise<Row[]> {
    const found = await search(from);
    const keys = found.map(this.keyOf);
    if (keys.length > 0) this.from = keys.reduce((a, b) => (a < b ? a : b));
    return found;
  }
}
