import { createHash } from 'node:crypto';

const MODULUS = 1n << 128n;

/** A digest of the rows of a table in any order: the sum of the digests of the rows. */
export class RowDigest {
  private sum = 0n;
  private rows = 0;

  /** @param values in the order of the columns */
  add(values: readonly unknown[]): void {
    const digest = createHash('sha256').update(JSON.stringify(values)).digest();
    this.sum = (this.sum + BigInt(`0x${digest.toString('hex', 0, 16)}`)) % MODULUS;
    this.rows += 1;
  }

  get count(): number {
    return this.rows;
  }

  toString(): string {
    return this.sum.toString(16).padStart(32, '0');
  }
}
