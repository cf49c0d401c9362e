import { compareSync, hashSync, truncates } from 'bcryptjs';

// These functions block, so they run in worker threads.

export interface HashTask {
  readonly password: string;
  /** The base-2 logarithm of the number of rounds. */
  readonly cost: number;
}

export interface MatchTask {
  readonly password: string;
  readonly expectedHash: string;
}

export function hash({ password, cost }: HashTask): string {
  return hashSync(password, cost);
}

/**
 * bcrypt reads 72 bytes, and repeats a shorter password with a NUL in between. Therefore passwords
 * over 72 bytes and passwords with a NUL, which could have the hash of another one, never match.
 */
export function matches({ password, expectedHash }: MatchTask): boolean {
  return compareSync(password, expectedHash) && !truncates(password) && !password.includes('\0');
}
