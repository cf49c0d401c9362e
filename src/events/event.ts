import type { ActorType, OrderStatus } from '../orders/order-status';
import { isReleaseReason } from '../orders/release-reasons';

/** What an event can report of an order, by the names that clients know. */
export const EVENT_TYPES = [
  'order.created',
  'order.processing',
  'order.completed',
  'order.cancelled',
  'order.failed',
  'order.postponed',
  'order.released',
  'order.retried',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** A numbered entry of the history, with facts of its order that never change. */
export interface LoggedEvent {
  /** In the log of all orders: ascending, without gaps, from 1. */
  readonly position: number;
  readonly type: EventType;
  readonly orderId: number;
  /** The owner of the order. */
  readonly userId: number;
  /** The number of the transition within its order, from 1. */
  readonly sequence: number;
  readonly from: OrderStatus | null;
  readonly to: OrderStatus;
  readonly actorType: ActorType;
  readonly actorId: number | null;
  readonly reason: string | null;
  readonly productName: string;
  /** In minor units (cents). */
  readonly amountMinor: number;
  readonly reference: string | null;
  readonly createdAt: Date;
}

/** The same for each delivery of an event, so that receivers can recognize one that they have handled. */
export function eventId({ orderId, sequence }: Pick<LoggedEvent, 'orderId' | 'sequence'>): string {
  return `evt_${orderId}_${sequence}`;
}

/** The type of the event that a transition is. */
export function eventTypeOf({
  from,
  to,
  reason,
}: Pick<LoggedEvent, 'from' | 'to' | 'reason'>): EventType {
  switch (to) {
    case 'processing':
      return 'order.processing';
    case 'completed':
      return 'order.completed';
    case 'cancelled':
      return 'order.cancelled';
    case 'failed':
      return 'order.failed';
    case 'pending':
      if (from === null) return 'order.created';
      if (from === 'failed') return 'order.retried';
      return isReleaseReason(reason) ? 'order.released' : 'order.postponed';
  }
}
