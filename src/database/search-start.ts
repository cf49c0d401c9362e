import { Pacing } from '../common/pacing';

/** The pause between searches from the first key, in milliseconds, at least. */
const FULL_SEARCH_PAUSE_MS = 1_000;

/**
 * Where a search in the order of an index begins. While an old transaction is open, PostgreSQL keeps
 * the index entries of all rows that left the index since, and a search from the first key reads past
 * all of them. So a search begins at the first key that the last one has found. Rows with lower keys
 * can still arrive, so from time to time a full search begins at the first key.
 */
export class SearchStart<Key extends number | string, Row> {
  private from: Key;
  private readonly fullSearches: Pacing;

  /** @param maxPauseMs the pause between searches from the first key, in milliseconds, at most */
  constructor(
    private readonly first: Key,
    private readonly keyOf: (row: Row) => Key,
    maxPauseMs = Infinity,
  ) {
    this.from = first;
    this.fullSearches = new Pacing(FULL_SEARCH_PAUSE_MS, maxPauseMs);
  }

  /** Where a search begins that is not a full one. Report its rows with {@link found}. */
  get next(): Key {
    return this.from;
  }

  /** False before any row was found. */
  get hasMoved(): boolean {
    return this.from !== this.first;
  }

  /** True when the next search begins at the first key. */
  get isFullSearchDue(): boolean {
    return this.fullSearches.isDue;
  }

  /**
   * Searches for the next rows.
   * @param search returns the first rows whose key is at least `from`
   */
  run(search: (from: Key) => Promise<Row[]>): Promise<Row[]> {
    return this.isFullSearchDue ? this.runFull(search) : this.searchFrom(this.from, search);
  }

  /** Searches from the first key. While it runs, and for a pause after it, other searches do not. */
  runFull(search: (from: Key) => Promise<Row[]>): Promise<Row[]> {
    return this.fullSearches.run(() => this.searchFrom(this.first, search));
  }

  /** Further searches begin at the first of these rows. */
  found(rows: readonly Row[]): void {
    const keys = rows.map(this.keyOf);
    if (keys.length > 0) this.from = keys.reduce((a, b) => (a < b ? a : b));
  }

  private async searchFrom(from: Key, search: (from: Key) => Promise<Row[]>): Promise<Row[]> {
    const rows = await search(from);
    this.found(rows);
    return rows;
  }
}
