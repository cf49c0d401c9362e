/**
 * Parses an integer in a query, in decimal notation. Stricter than `Number`, which accepts an empty string,
 * `1e2` and `0x10`. Other values are returned unchanged, for the validation to reject.
 */
export function parseInteger(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}
