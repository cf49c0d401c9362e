import type { LoggedEvent } from '../../events/event';
import { MAX_RETRIES } from '../sending/retry-schedule';
import type { SendResult } from '../sending/webhook-sender';
import type { DeliveryFailure, WebhookDelivery } from '../webhook-delivery.entity';
import type { DeliveryChange } from './turn-progress';

/** An event of a turn, with what its row has of earlier attempts. */
export interface Sending {
  readonly position: number;
  readonly orderId: number;
  readonly sequence: number;
  readonly eventType: LoggedEvent['type'];
  readonly attempts: number;
  readonly retriesLeft: number;
  /** Undefined: read when it is sent again. */
  readonly event: LoggedEvent | undefined;
}

/** The first attempt of an event. */
export function toSending(event: LoggedEvent): Sending {
  const { position, orderId, sequence, type } = event;
  return {
    position,
    orderId,
    sequence,
    eventType: type,
    attempts: 0,
    retriesLeft: MAX_RETRIES,
    event,
  };
}

/** A further attempt of an event that has a row. */
export function toRetry(row: WebhookDelivery): Sending {
  const { position, orderId, sequence, eventType, attempts, retriesLeft } = row;
  return { position, orderId, sequence, eventType, attempts, retriesLeft, event: undefined };
}

/** The row of an event that was received. */
export function deliveredRow(sending: Sending, result: SendResult): DeliveryChange {
  return { ...rowOf(sending, result), status: 'delivered', delaySeconds: null };
}

/**
 * The row of an event that is sent again.
 * @param retry when, in seconds, and how many follow it; undefined: as before
 */
export function retryingRow(
  sending: Sending,
  result: SendResult,
  retry?: { readonly delaySeconds: number; readonly retriesLeft: number },
): DeliveryChange {
  return { ...rowOf(sending, result), status: 'retrying', delaySeconds: null, ...retry };
}

/** The row of an event that waits for an earlier one of its order. */
export function waitingRow(sending: Sending): DeliveryChange {
  return { ...rowOf(sending, null), status: 'waiting', delaySeconds: null };
}

/** The row of an event whose retries are spent, or whose order was deleted. */
export function parkedRow(
  sending: Sending,
  failure: DeliveryFailure,
  result: SendResult | null,
): DeliveryChange {
  return { ...rowOf(sending, result), failure, status: 'parked', delaySeconds: null };
}

function rowOf(
  { event, ...row }: Sending,
  result: SendResult | null,
): Omit<DeliveryChange, 'status' | 'delaySeconds'> {
  return {
    ...row,
    isRetry: event === undefined,
    responseStatus: result?.status ?? null,
    failure: result?.failure ?? null,
    durationMs: result?.durationMs ?? null,
  };
}
