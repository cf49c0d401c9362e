import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { ObjectLiteral, Repository } from 'typeorm';
import { databaseTime } from '../database/database-time';
import { columnsOf, hydrate } from '../database/hydrate';
import { namedQuery } from '../database/named-query';
import { Transactions } from '../database/transactions';
import { PreconditionFailedError, ServiceUnavailableError } from '../errors/common.errors';
import { orderEtag } from './order-etag';
import { OrderHistoryEntry } from './order-history-entry.entity';
import { TRANSITIONS } from './order-status';
import { OrderTransitions } from './order-transitions';
import { Order } from './order.entity';
import {
  OrderNotCancellableError,
  OrderNotFoundError,
  OrderNotRetryableError,
} from './orders.errors';

/** Each attempt after the first follows a transition made since the order was read. */
const MAX_CANCEL_ATTEMPTS = 10;

/** Reads, cancels and retries orders. */
@Injectable()
export class OrdersService {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(OrderHistoryEntry) private readonly entries: Repository<OrderHistoryEntry>,
    private readonly transactions: Transactions,
    private readonly transitions: OrderTransitions,
  ) {}

  /** @throws OrderNotFoundError also when the order belongs to another user */
  async getOwn(id: number, userId: number): Promise<Order> {
    const { manager } = this.orders;
    const rows = await namedQuery<ObjectLiteral>(
      manager,
      `SELECT ${columnsOf(manager, Order)} FROM orders WHERE id = :id AND user_id = :userId`,
      { id, userId },
    );
    const [order] = hydrate(manager, Order, rows);
    if (!order) throw new OrderNotFoundError();
    return order;
  }

  /** @throws OrderNotFoundError */
  async get(id: number): Promise<Order> {
    const order = await this.orders.findOneBy({ id });
    if (!order) throw new OrderNotFoundError();
    return order;
  }

  /** The transitions of an order, oldest first. */
  history({ id }: Order): Promise<OrderHistoryEntry[]> {
    return this.entries.find({ where: { orderId: id }, order: { sequence: 'ASC' } });
  }

  /**
   * @param seen the order as this request has read it
   * @param ifMatch entity tags, one of which must be that of the order
   * @throws PreconditionFailedError when the order has another entity tag
   * @throws OrderNotCancellableError when the order is not pending
   */
  async cancel(seen: Order, reason: string | null, ifMatch?: ReadonlySet<string>): Promise<Order> {
    const { id, userId } = seen;
    let order = seen;
    for (let attempt = 0; attempt < MAX_CANCEL_ATTEMPTS; attempt++) {
      const { version, attempts, status } = order;
      if (ifMatch && !ifMatch.has(orderEtag(order))) throw new PreconditionFailedError();
      if (status !== TRANSITIONS.cancel.from) throw new OrderNotCancellableError(status);
      // The statement checks the tag again: the order may have changed since it was read.
      const expected = ifMatch ? { id, userId, version, attempts } : { id, userId };
      const [cancelled] = await this.transactions.run((tx) =>
        this.transitions.apply(tx, 'cancel', {
          actorId: userId,
          reason,
          set: (now) => ({ cancelledAt: () => now, cancelReason: reason }),
          where: (update) => update.andWhere(expected),
        }),
      );
      if (cancelled) return cancelled;
      order = await this.getOwn(id, userId);
    }
    throw new ServiceUnavailableError(1);
  }

  /**
   * Makes a failed order pending again, with all its attempts.
   * @throws OrderNotFoundError, OrderNotRetryableError
   */
  async retry(id: number, adminId: number): Promise<Order> {
    const [retried] = await this.transactions.run((tx) =>
      this.transitions.apply(tx, 'retry', {
        actorId: adminId,
        // Due at once, also when the clock of the database was set back since the last transition.
        set: () => ({
          attempts: 0,
          turn: null,
          failureReason: null,
          nextAttemptAt: () => databaseTime(tx.manager.dataSource),
        }),
        where: (update) => update.andWhere({ id }),
      }),
    );
    if (retried) return retried;
    const { status } = await this.get(id);
    throw new OrderNotRetryableError(status);
  }
}
