const ASCII = /^[\x20-\x7e]*$/;

/**
 * Trims and lower-cases an address, so that one mailbox is one account. An address with other
 * than ASCII characters stays as it is, to be refused: lower-casing would turn look-alikes such
 * as U+212A (Kelvin) into plain letters.
 */
export function normalizeEmail(address: string): string {
  return ASCII.test(address) ? address.trim().toLowerCase() : address;
}
