import { hashSync } from 'bcryptjs';

/** The password of all accounts. */
export const PASSWORD = 'correct horse battery staple';

/** The default of `BCRYPT_COST`, with which logins are measured. */
export const DEFAULT_COST = 12;

/** The lowest cost, for the many logins before a measurement. */
export const LOWEST_COST = 4;

export function hashPassword(cost: number): string {
  return hashSync(PASSWORD, cost);
}
