import { packageVersion } from '../../common/package-file';
import type { WebhookRequest } from '../sending/webhook-sender';
import { signedHeaders } from '../secrets/standard-signature';

/** A message to an endpoint, whose id receivers know it by. */
export interface Message {
  readonly id: string;
}

/**
 * The request with a message, signed for this attempt.
 * @param nowMs by the clock of the database, because receivers reject requests that seem old
 */
export function requestWith(
  message: Message,
  url: string,
  secrets: readonly Buffer[],
  nowMs: number,
): WebhookRequest {
  const body = JSON.stringify(message);
  const timestamp = Math.floor(nowMs / 1_000);
  return {
    url,
    body,
    clockOffsetMs: nowMs - performance.now(),
    headers: {
      'content-type': 'application/json',
      'user-agent': `order-management-api/${packageVersion()} (webhooks)`,
      ...signedHeaders({ id: message.id, timestamp, body }, secrets),
    },
  };
}
