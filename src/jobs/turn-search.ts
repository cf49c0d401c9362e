/** How often orders before the start of the search are looked for, in milliseconds, at most. */
const MIN_FULL_SEARCH_INTERVAL_MS = 1_000;

/** The share of the time that full searches may take. */
const FULL_SEARCH_SHARE = 0.05;

/**
 * Where the search for orders by ascending turn begins. While an old transaction is open, PostgreSQL
 * keeps the index entries of all orders that were claimed since, and a search from the first turn
 * reads past all of them. So each search begins where the last one has found its first order. Orders
 * with a lower turn can still arrive, so from time to time a search begins at the first turn.
 */
export class TurnSearch {
  private fromTurn = 0;
  private nextFullSearchAt = -Infinity;

  /** @param claim claims up to `count` orders with at least the turn `fromTurn` */
  async run<Found extends { readonly turn: number | null }>(
    limit: number,
    claim: (fromTurn: number, count: number) => Promise<Found[]>,
  ): Promise<Found[]> {
    const found: Found[] = [];
    if (performance.now() < this.nextFullSearchAt) {
      found.push(...(await claim(this.fromTurn, limit)));
      this.fromTurn = lowestTurn(found) ?? this.fromTurn;
      if (found.length === limit) return found;
    }
    const startedAt = performance.now();
    found.push(...(await claim(0, limit - found.length)));
    const endedAt = performance.now();
    const pause = (endedAt - startedAt) / FULL_SEARCH_SHARE;
    this.nextFullSearchAt = endedAt + Math.max(MIN_FULL_SEARCH_INTERVAL_MS, pause);
    this.fromTurn = lowestTurn(found) ?? 0;
    return found;
  }
}

function lowestTurn(found: readonly { readonly turn: number | null }[]): number | undefined {
  if (found.length === 0) return undefined;
  return Math.min(...found.map(({ turn }) => turn ?? 0));
}
