import { backoffSeconds } from './backoff';

describe('backoffSeconds', () => {
  it('doubles with each attempt, up to an hour', () => {
    const longest = [1, 2, 3, 4, 5, 10, 50, 2_000].map((attempt) => backoffSeconds(attempt, 1));
    expect(longest).toEqual([10, 20, 40, 80, 160, 3_600, 3_600, 3_600]);
  });

  it('subtracts a random share of up to one half', () => {
    expect(backoffSeconds(3, 0)).toBe(20);
    expect(backoffSeconds(3, 0.5)).toBe(30);
    const delays = new Set(Array.from({ length: 50 }, () => backoffSeconds(10)));
    expect(delays.size).toBeGreaterThan(1);
    for (const delay of delays) {
      expect(delay).toBeGreaterThanOrEqual(1_800);
      expect(delay).toBeLessThanOrEqual(3_600);
    }
  });
});
