import { LRUCache } from 'lru-cache';

/**
 * A cache of at most `maxEntries` that evicts the least recently used one. Its memory grows with its
 * entries: the option `max` of `LRUCache` allocates 28 bytes for each possible entry at once, which was
 * 5 MB for all caches.
 */
export function boundedCache<Key extends string | number, Value extends object | number>(
  maxEntries: number,
  expiry: { readonly ttl?: number; readonly perf?: { now(): number } } = {},
): LRUCache<Key, Value> {
  return new LRUCache({ ...expiry, maxSize: maxEntries, sizeCalculation: () => 1 });
}
