/** Amounts are stored as integer minor units (cents), because binary fractions are not exact. */
const MINOR_UNITS_PER_UNIT = 100;

export const MIN_AMOUNT = 0.01;
export const MAX_AMOUNT = 9_999_999_999.99;

/**
 * True for an amount within bounds and with at most two decimals: the double that is nearest to a
 * whole number of minor units.
 */
export function isAmount(value: unknown): value is number {
  return (
    typeof value === 'number' &&
    value >= MIN_AMOUNT &&
    value <= MAX_AMOUNT &&
    fromMinorUnits(toMinorUnits(value)) === value
  );
}

export function toMinorUnits(amount: number): number {
  return Math.round(amount * MINOR_UNITS_PER_UNIT);
}

export function fromMinorUnits(minorUnits: number): number {
  return minorUnits / MINOR_UNITS_PER_UNIT;
}
