import type { HashCaller } from './hash-queue';

/** bcrypt ignores all bytes of a password after these. */
export const MAX_PASSWORD_BYTES = 72;

/**
 * Hashes and checks passwords. The abstract class is also the injection token. Both methods throw
 * ServiceUnavailableError when too many callers are waiting.
 */
export abstract class PasswordHasher {
  abstract hash(password: string, caller: HashCaller): Promise<string>;

  /** Passwords over {@link MAX_PASSWORD_BYTES} never match, but take as long to check as others. */
  abstract matches(password: string, hash: string, caller: HashCaller): Promise<boolean>;
}
