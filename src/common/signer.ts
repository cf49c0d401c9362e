import { type KeyObject, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { AppConfig } from '../config/app-config';

/**
 * Signs texts that clients keep and bring back. Each purpose has a key of its own, derived from
 * the configured secret (RFC 5869), so that what was signed for one is worthless for another.
 */
export class Signer {
  private readonly key: Uint8Array;
  /** Of earlier secrets: what they have signed stays valid. */
  private readonly previousKeys: readonly Uint8Array[];

  constructor({ auth }: Pick<AppConfig, 'auth'>, purpose: string) {
    const derive = (secret: KeyObject) =>
      new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32));
    this.key = derive(auth.secret);
    this.previousKeys = auth.previousSecrets.map(derive);
  }

  /** @returns HMAC-SHA-256 in base64url */
  sign(text: string): string {
    return signatureOf(text, this.key);
  }

  hasSigned(text: string, signature: string): boolean {
    const given = Buffer.from(signature);
    return [this.key, ...this.previousKeys].some((key) => {
      const expected = Buffer.from(signatureOf(text, key));
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}

function signatureOf(text: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
