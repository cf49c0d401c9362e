import {
  type KeyObject,
  createHmac,
  createSecretKey,
  hkdfSync,
  timingSafeEqual,
} from 'node:crypto';
import type { AppConfig } from '../config/app-config';

/**
 * Signs strings that clients store and send back. Each purpose has its own key, derived from the
 * configured secret (RFC 5869), so a signature is valid for one purpose only.
 */
export class Signer {
  private readonly key: KeyObject;
  /** Keys of earlier secrets, whose signatures are still valid. */
  private readonly previousKeys: readonly KeyObject[];

  constructor({ auth }: Pick<AppConfig, 'auth'>, purpose: string) {
    const derive = (secret: KeyObject) =>
      createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32)));
    this.key = derive(auth.secret);
    this.previousKeys = auth.previousSecrets.map(derive);
  }

  /** @returns HMAC-SHA-256 in base64url */
  sign(value: string): string {
    return signatureOf(value, this.key);
  }

  hasSigned(value: string, signature: string): boolean {
    const given = Buffer.from(signature);
    return [this.key, ...this.previousKeys].some((key) => {
      const expected = Buffer.from(signatureOf(value, key));
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}

function signatureOf(value: string, key: KeyObject): string {
  return createHmac('sha256', key).update(value).digest('base64url');
}
