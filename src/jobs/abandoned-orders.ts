import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { databaseTime } from '../database/database-time';
import { type Transaction, Transactions } from '../database/transactions';
import { OrderTransitions } from '../orders/order-transitions';
import type { Order } from '../orders/order.entity';
import { DUE_ORDERS, restrictToDue } from './due-orders';

/** The number of orders of one transaction. */
const BATCH_SIZE = 500;

const ABANDONED_REASON = 'The process that worked on it did not finish it';
const EXHAUSTED_REASON = 'The process that worked on the last attempt did not finish it';

/** Takes back the orders of processes that died, or that could not renew their leases. */
@Injectable()
export class AbandonedOrders {
  private readonly logger = new Logger(AbandonedOrders.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly transitions: OrderTransitions,
    private readonly config: AppConfig,
  ) {}

  /**
   * Makes the orders whose lease has expired pending again, or fails those whose last attempt had
   * begun. An order whose attempt had begun then runs alone.
   * @returns the number of orders that are pending again
   */
  async reclaim(): Promise<number> {
    for (let reclaimed = 0; ;) {
      const batch = await this.transactions.run(async (tx) => {
        await this.failExhausted(tx);
        return this.releaseAbandoned(tx);
      });
      reclaimed += batch.length;
      if (batch.length < BATCH_SIZE) return reclaimed;
    }
  }

  private failExhausted(tx: Transaction): Promise<Order[]> {
    const { maxAttempts } = this.config.processing;
    return this.transitions.apply(tx, 'fail', {
      reason: EXHAUSTED_REASON,
      set: () => ({ failureReason: EXHAUSTED_REASON }),
      where: (update) =>
        restrictToDue(update, tx.manager, DUE_ORDERS.exhausted, { limit: BATCH_SIZE, maxAttempts }),
    });
  }

  private async releaseAbandoned(tx: Transaction): Promise<Order[]> {
    const now = databaseTime(tx.manager.dataSource);
    const orders = await this.transitions.apply(tx, 'release', {
      reason: ABANDONED_REASON,
      set: () => ({
        nextAttemptAt: () => now,
        turn: null,
        runsAlone: () => 'runs_alone OR begun_at IS NOT NULL',
      }),
      where: (update) =>
        restrictToDue(update, tx.manager, DUE_ORDERS.abandoned, { limit: BATCH_SIZE }),
    });
    tx.afterCommit(() => {
      for (const { id, attempts } of orders) {
        this.logger.warn({ msg: 'Reclaimed an order whose lease expired', order_id: id, attempts });
      }
    });
    return orders;
  }
}
