import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { AppConfig } from '../config/app-config';

/**
 * Signs texts that clients keep and bring back. Each purpose has a key of its own, derived from
 * the configured secret (RFC 5869), so that what was signed for one is worthless for another.
 */
export class TextSigner {
  /** The first one signs; what the others, of earlier secrets, have signed stays valid. */
  private readonly keys: readonly Uint8Array[];

  constructor({ auth }: Pick<AppConfig, 'auth'>, purpose: string) {
    this.keys = [auth.secret, ...auth.previousSecrets].map(
      (secret) => new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32)),
    );
  }

  /** @returns HMAC-SHA-256 in base64url */
  sign(text: string): string {
    const [current] = this.keys;
    if (!current) throw new Error('There is no key to sign with');
    return signatureOf(text, current);
  }

  hasSigned(text: string, signature: string): boolean {
    const given = Buffer.from(signature);
    return this.keys.some((key) => {
      const expected = Buffer.from(signatureOf(text, key));
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}

function signatureOf(text: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
