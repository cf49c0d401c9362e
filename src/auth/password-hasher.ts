import type { HashCaller } from './hash-queue';

/** bcrypt ignores everything after this many bytes of UTF-8. */
export const MAX_PASSWORD_BYTES = 72;

/**
 * Hashes passwords and checks them. The abstract class is also the injection token. `hash` and
 * `matches` throw ServiceUnavailableError when too many callers are waiting already.
 */
export abstract class PasswordHasher {
  abstract hash(password: string, caller: HashCaller): Promise<string>;

  /** Passwords over {@link MAX_PASSWORD_BYTES} never match, but take as long as any other. */
  abstract matches(password: string, hash: string, caller: HashCaller): Promise<boolean>;
}
