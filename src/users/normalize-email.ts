const ASCII = /^[\x20-\x7e]*$/;

/**
 * Trims and lower-cases an address, so that a mailbox has one account. An address with non-ASCII
 * characters is returned unchanged, and rejected later: lower-casing would turn look-alikes such as
 * U+212A (Kelvin) into ASCII letters.
 */
export function normalizeEmail(address: string): string {
  return ASCII.test(address) ? address.trim().toLowerCase() : address;
}
