import { MAX_RETRIES, parseRetryAfter, probeDelay, retryDelay } from './retry-schedule';

const HOUR = 3_600;

describe('retryDelay', () => {
  it('grows from 5 seconds to a day', () => {
    const delays = Array.from({ length: MAX_RETRIES }, (_, step) => retryDelay(step, 0.5));
    const hours = [2, 5, 10, 14, 20, 24].map((number) => number * HOUR);
    expect(delays).toEqual([5, 300, 1_800, ...hours]);
  });

  it('varies by a fifth', () => {
    expect([0, 0.5, 1].map((random) => retryDelay(1, random))).toEqual([240, 300, 360]);
    expect([0, 0.5, 1].map((random) => retryDelay(0, random))).toEqual([4, 5, 6]);
  });

  it('is that of the last step afterwards', () => {
    expect(retryDelay(MAX_RETRIES + 7, 0.5)).toBe(24 * HOUR);
  });
});

describe('probeDelay', () => {
  it('follows the schedule from the fifth failure on', () => {
    expect([5, 6, 7, 8].map((failures) => probeDelay(failures, 0.5))).toEqual([
      5, 300, 1_800, 7_200,
    ]);
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-01-31T12:00:00.000Z');

  it.each([
    ['0', 0],
    ['120', 120],
    [' 5 ', 5],
    ['3600', HOUR],
    ['3601', HOUR],
    ['9999999999', HOUR],
    ['Sat, 31 Jan 2026 12:01:00 GMT', 60],
    ['Sat, 31 Jan 2026 11:00:00 GMT', 0],
    ['Sat, 31 Jan 2099 12:00:00 GMT', HOUR],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['soon', undefined],
    ['Sat, nonsense', undefined],
    ['', undefined],
    [undefined, undefined],
    ['9'.repeat(400), undefined],
  ])('reads %s as %s', (value, seconds) => {
    expect(parseRetryAfter(value, now)).toBe(seconds);
  });
});
