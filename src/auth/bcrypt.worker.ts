import { compareSync, hashSync, truncates } from 'bcryptjs';

// These run in threads of their own, where blocking harms nobody.

export interface HashTask {
  readonly password: string;
  /** log2 of the rounds. */
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
 * bcrypt looks at 72 bytes, and repeats shorter passwords with a NUL in between: neither a longer
 * one with the same beginning nor a repeated one is the same password.
 */
export function matches({ password, expectedHash }: MatchTask): boolean {
  return compareSync(password, expectedHash) && !truncates(password) && !password.includes('\0');
}
