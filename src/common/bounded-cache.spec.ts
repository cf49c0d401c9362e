import { boundedCache } from './bounded-cache';

describe('boundedCache', () => {
  it('evicts the least recently used entry when it is full', () => {
    const cache = boundedCache<string, number>(3);
    for (const key of ['a', 'b', 'c']) cache.set(key, 1);
    cache.get('a');
    cache.set('c', 2);
    cache.set('d', 1);
    expect([...cache.keys()].toSorted()).toEqual(['a', 'c', 'd']);
  });

  it('forgets entries after their lifetime', () => {
    let now = 1;
    const cache = boundedCache<string, number>(3, { ttl: 10, perf: { now: () => now } });
    cache.set('a', 1);
    now += 11;
    expect(cache.get('a')).toBeUndefined();
  });
});
