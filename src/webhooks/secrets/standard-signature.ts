import { createHmac } from 'node:crypto';

/** The prefix of secrets, and the version of signatures, in Standard Webhooks. */
const SECRET_PREFIX = 'whsec_';
const SIGNATURE_VERSION = 'v1';

/** What a signature covers besides the secret. */
export interface SignedMessage {
  /** The same for each attempt. */
  readonly id: string;
  /** Of the attempt, in seconds since the epoch. */
  readonly timestamp: number;
  readonly body: string;
}

/** The form in which an owner gets a secret: its bytes in base64. */
export function printSecret(secret: Buffer): string {
  return SECRET_PREFIX + secret.toString('base64');
}

/**
 * The headers of a signed request (https://www.standardwebhooks.com).
 * @param secrets each makes one signature, so that a receiver may know either while they change
 */
export function signedHeaders(
  { id, timestamp, body }: SignedMessage,
  secrets: readonly Buffer[],
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`);
    return `${SIGNATURE_VERSION},${hmac.digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
