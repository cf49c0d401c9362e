import {
  type KeyObject,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_BYTES = 8;

/** The secret of an endpoint as it is stored. */
export interface SealedSecret {
  /** IV, tag and ciphertext, in base64. */
  readonly sealed: string;
  /** Names the key, without revealing it. */
  readonly keyId: string;
}

interface SealingKey {
  readonly id: string;
  readonly key: KeyObject;
}

/**
 * Encrypts the secrets of endpoints with a key that is derived from `JWT_SECRET` (RFC 5869), so that a stolen
 * database is not enough to sign webhooks. The id of the endpoint is authenticated too: a secret that is
 * copied to another row cannot be opened.
 */
@Injectable()
export class SecretBox {
  private readonly current: SealingKey;
  private readonly keys: ReadonlyMap<string, KeyObject>;

  constructor({ auth }: AppConfig) {
    this.current = deriveKey(auth.secret);
    const all = [this.current, ...auth.previousSecrets.map(deriveKey)];
    this.keys = new Map(all.map(({ id, key }) => [id, key]));
  }

  /** The key that new secrets are encrypted with. */
  get keyId(): string {
    return this.current.id;
  }

  /** The keys with which secrets can be decrypted. */
  get keyIds(): readonly string[] {
    return [...this.keys.keys()];
  }

  seal(secret: Buffer, endpointId: number): SealedSecret {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.current.key, iv).setAAD(additionalData(endpointId));
    const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
    const sealed = Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString('base64');
    return { sealed, keyId: this.current.id };
  }

  /** @returns undefined when the key is not known any more, or the secret was altered */
  open({ sealed, keyId }: SealedSecret, endpointId: number): Buffer | undefined {
    const key = this.keys.get(keyId);
    if (!key) return undefined;
    const bytes = Buffer.from(sealed, 'base64');
    try {
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(additionalData(endpointId))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const ciphertext = bytes.subarray(IV_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

function additionalData(endpointId: number): Buffer {
  return Buffer.from(`webhook endpoint ${endpointId}`);
}

function deriveKey(secret: KeyObject): SealingKey {
  const derive = (purpose: string, bytes: number) =>
    new Uint8Array(hkdfSync('sha256', secret, '', purpose, bytes));
  return {
    id: Buffer.from(derive('webhook-secret-key-id', KEY_ID_BYTES)).toString('hex'),
    key: createSecretKey(derive('webhook-secret', KEY_BYTES)),
  };
}
