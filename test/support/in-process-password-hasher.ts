import { hash, matches } from '../../src/auth/bcrypt.worker';
import { PasswordHasher } from '../../src/auth/password-hasher';

/** Hashes without threads, which can be started only from the build. */
export class InProcessPasswordHasher extends PasswordHasher {
  async hash(password: string): Promise<string> {
    return hash({ password, cost: 4 });
  }

  async matches(password: string, expectedHash: string): Promise<boolean> {
    return matches({ password, expectedHash });
  }
}
