import { delayAfter } from './guess-policy';

describe('delayAfter', () => {
  it('lets four failures pass, and doubles the delay with each from the fifth on', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((failures) => delayAfter(failures, 60_000));
    expect(delays).toEqual([0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000]);
  });

  it.each([11, 12, 100, 5_000])(
    'never exceeds the longest delay, after %d failures',
    (failures) => {
      expect(delayAfter(failures, 60_000)).toBe(60_000);
    },
  );
});
