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

export function matches({ password, expectedHash }: MatchTask): boolean {
  return compareSync(password, expectedHash) && !truncates(password);
}
