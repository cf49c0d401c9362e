import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { WebhookEndpoint } from '../webhook-endpoint.entity';
import { SecretBox, type SealedSecret } from './secret-box';
import { printSecret } from './standard-signature';

const SECRET_BYTES = 32;

/** A secret that was just created. */
export interface NewSecret extends SealedSecret {
  /** For its owner: it is shown once. */
  readonly printed: string;
}

/** Creates and opens the secrets with which the requests to an endpoint are signed. */
@Injectable()
export class EndpointSecrets {
  constructor(private readonly box: SecretBox) {}

  create(endpointId: number): NewSecret {
    const secret = randomBytes(SECRET_BYTES);
    return { ...this.box.seal(secret, endpointId), printed: printSecret(secret) };
  }

  /**
   * The current secret, and the previous one while requests are signed with both.
   * @param now by the clock of the database, in milliseconds since the epoch
   * @returns undefined when the current secret cannot be opened
   */
  open(endpoint: WebhookEndpoint, now: number): readonly Buffer[] | undefined {
    const { id, secret: sealed, secretKeyId: keyId } = endpoint;
    const current = this.box.open({ sealed, keyId }, id);
    if (!current) return undefined;
    const previous = this.openPrevious(endpoint, now);
    return previous ? [current, previous] : [current];
  }

  private openPrevious(
    { id, previousSecret, previousSecretKeyId, previousSecretExpiresAt }: WebhookEndpoint,
    now: number,
  ): Buffer | undefined {
    const isValid = previousSecretExpiresAt && previousSecretExpiresAt.getTime() > now;
    if (!isValid || previousSecret === null || previousSecretKeyId === null) return undefined;
    return this.box.open({ sealed: previousSecret, keyId: previousSecretKeyId }, id);
  }
}
