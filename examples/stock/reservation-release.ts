import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { ORDER_EVENT, type OrderEvent } from '../../src/orders/order-events';
import { Reservations } from './reservations.service';

/**
 * Releases the units of orders that are cancelled between two attempts. A failed order keeps its
 * unit, because an admin may retry it.
 */
@Injectable()
export class ReservationRelease implements OnApplicationBootstrap {
  private readonly logger = new Logger(ReservationRelease.name);

  constructor(private readonly reservations: Reservations) {}

  @OnEvent(ORDER_EVENT.cancelled)
  async onCancelled({ orderId }: OrderEvent): Promise<void> {
    await this.reservations.release(orderId);
  }

  /** Releases the units of orders whose events were lost when a process ended. */
  async onApplicationBootstrap(): Promise<void> {
    try {
      for (const orderId of await this.reservations.ofCancelledOrders()) {
        await this.reservations.release(orderId);
      }
    } catch (error) {
      this.logger.warn({
        msg: 'Could not release reservations; the next start retries',
        err: error,
      });
    }
  }
}
