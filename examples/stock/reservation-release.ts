import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../src/database/transactions';
import { OnTransition } from '../../src/orders/on-transition.decorator';
import type { Order } from '../../src/orders/order.entity';
import { Reservations } from './reservations.service';

/** Releases the unit of an order that is cancelled between two attempts, or fails. */
@Injectable()
export class ReservationRelease {
  constructor(private readonly reservations: Reservations) {}

  /** A failed order that an admin retries reserves a unit again. */
  @OnTransition(['cancel', 'fail'])
  async release(tx: Transaction, { id }: Order): Promise<void> {
    await this.reservations.release(tx, id);
  }
}
