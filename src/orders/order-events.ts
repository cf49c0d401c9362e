import { Injectable, Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { runForRequest } from '../logging/request-context';
import type { TransitionRecord } from './history-entries';
import type { TransitionKind } from './order-status';
import type { Order } from './order.entity';
import { responsibleRequest } from './responsible-request';

/** Names of the events, for `@OnEvent()`. */
export const ORDER_EVENT = {
  created: 'order.created',
  processing: 'order.processing',
  completed: 'order.completed',
  cancelled: 'order.cancelled',
  failed: 'order.failed',
} as const;

export type OrderEventName = (typeof ORDER_EVENT)[keyof typeof ORDER_EVENT];

/** The argument of a listener. */
export interface OrderEvent {
  readonly name: OrderEventName;
  readonly orderId: number;
  readonly userId: number;
  readonly productName: string;
  /** In minor units (cents). */
  readonly amountMinor: number;
  readonly occurredAt: Date;
}

/** What an event contains of its order. */
type OrderOfEvent = Pick<
  Order,
  'id' | 'userId' | 'productName' | 'amountMinor' | 'requestId' | 'updatedAt'
>;

const EVENT_OF: Readonly<Record<'place' | TransitionKind, OrderEventName | null>> = {
  place: ORDER_EVENT.created,
  claim: ORDER_EVENT.processing,
  complete: ORDER_EVENT.completed,
  cancel: ORDER_EVENT.cancelled,
  fail: ORDER_EVENT.failed,
  postpone: null,
  release: null,
  retry: null,
};

/**
 * Publishes committed transitions to the listeners in this process. An event is lost when the process
 * dies between the commit and the listener: work that must not be missed is done in a fulfilment step.
 */
@Injectable()
export class OrderEvents {
  private readonly logger = new Logger(OrderEvents.name);
  private readonly commitListeners: (() => void)[] = [];

  constructor(private readonly emitter: EventEmitter2) {}

  /** Calls a listener after each commit of transitions in this process. */
  onCommit(listener: () => void): void {
    this.commitListeners.push(listener);
  }

  /** Call it after the commit. It neither waits for listeners nor fails because of them. */
  publish(transition: TransitionRecord, orders: readonly OrderOfEvent[]): void {
    for (const listener of this.commitListeners) this.notifyOfCommit(listener);
    const name = EVENT_OF[transition.name];
    if (name === null || this.emitter.listenerCount(name) === 0) return;
    for (const order of orders) {
      const event: OrderEvent = {
        name,
        orderId: order.id,
        userId: order.userId,
        productName: order.productName,
        amountMinor: order.amountMinor,
        occurredAt: order.updatedAt,
      };
      const { actor, requestId } = transition;
      runForRequest(responsibleRequest(actor.type, order.requestId, requestId), () => {
        for (const listener of this.emitter.listeners(name)) void this.notify(listener, event);
      });
    }
  }

  private notifyOfCommit(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.logger.error({ msg: 'A listener of commits failed', err: error });
    }
  }

  private async notify(listener: (event: OrderEvent) => unknown, event: OrderEvent): Promise<void> {
    try {
      await listener(event);
    } catch (error) {
      this.logger.error({
        msg: 'A listener failed',
        event: event.name,
        order_id: event.orderId,
        err: error,
      });
    }
  }
}
