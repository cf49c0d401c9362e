import { delayMsAfter } from './guess-policy';

describe('delayMsAfter', () => {
  it('is 0 for four failures, 1 s for the fifth, and doubles with each further one', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((failures) => delayMsAfter(failures, 60_000));
    expect(delays).toEqual([0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000]);
  });

  it.each([11, 12, 100, 5_000])('is at most the longest delay, after %d failures', (failures) => {
    expect(delayMsAfter(failures, 60_000)).toBe(60_000);
  });
});
