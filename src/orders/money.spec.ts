import { fromMinorUnits, isAmount, toMinorUnits } from './money';

describe('money', () => {
  it.each([0.01, 0.1, 0.29, 1, 1.1, 19.99, 999.99, 4503599627.37, 9_999_999_999.99])(
    'keeps %d exactly',
    (amount) => {
      expect(isAmount(amount)).toBe(true);
      expect(Number.isSafeInteger(toMinorUnits(amount))).toBe(true);
      expect(fromMinorUnits(toMinorUnits(amount))).toBe(amount);
    },
  );

  it('keeps every amount of the first hundred thousand cents', () => {
    const lost = Array.from({ length: 100_000 }, (_, n) => n + 1).filter((cents) => {
      const amount = Number(`${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`);
      return !isAmount(amount) || toMinorUnits(amount) !== cents;
    });
    expect(lost).toEqual([]);
  });

  it.each([
    0,
    -0,
    -1,
    0.001,
    0.009,
    1.005,
    0.1 + 0.2,
    1e10,
    1e308,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '5',
    null,
    [5],
    { $ne: null },
  ])('rejects %p', (value) => {
    expect(isAmount(value)).toBe(false);
  });
});
