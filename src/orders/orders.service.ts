import { Injectable } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import type { DataSource, Repository } from 'typeorm';
import { InvalidTokenError, PreconditionFailedError } from '../common/common.errors';
import { databaseTime } from '../database/database-time';
import { isForeignKeyViolation } from '../database/database.errors';
import { toMinorUnits } from './money';
import { ORDER_ETAG_SQL, orderEtag } from './order-etag';
import { OrderHistoryEntry } from './order-history-entry.entity';
import type { CreateOrderRequest } from './order-requests.dto';
import { TRANSITIONS } from './order-status';
import { type Alongside, OrderTransitions } from './order-transitions';
import { Order } from './order.entity';
import {
  OrderNotCancellableError,
  OrderNotFoundError,
  OrderNotRetryableError,
} from './orders.errors';

/** What users and admins do with orders. */
@Injectable()
export class OrdersService {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(OrderHistoryEntry) private readonly entries: Repository<OrderHistoryEntry>,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transitions: OrderTransitions,
  ) {}

  /** @throws InvalidTokenError when the account was deleted while an instance still knew it */
  async create(
    userId: number,
    { product_name, amount }: CreateOrderRequest,
    alongside?: Alongside,
  ): Promise<Order> {
    const values = { userId, productName: product_name, amountMinor: toMinorUnits(amount) };
    try {
      return await this.transitions.place(values, alongside);
    } catch (error) {
      throw isForeignKeyViolation(error) ? new InvalidTokenError() : error;
    }
  }

  /** @throws OrderNotFoundError also when the order belongs to another user */
  async getOwn(id: number, userId: number): Promise<Order> {
    const order = await this.orders.findOneBy({ id, userId });
    if (!order) throw new OrderNotFoundError();
    return order;
  }

  /** @throws OrderNotFoundError */
  async get(id: number): Promise<Order> {
    const order = await this.orders.findOneBy({ id });
    if (!order) throw new OrderNotFoundError();
    return order;
  }

  history({ id }: Order): Promise<OrderHistoryEntry[]> {
    return this.entries.find({ where: { orderId: id }, order: { sequence: 'ASC' } });
  }

  /**
   * @param ifMatch entity tags, one of which the order has to have
   * @throws PreconditionFailedError when it has another one
   * @throws OrderNotCancellableError when the order is not pending, or just stopped being so
   */
  async cancel(
    { id, userId }: Order,
    reason: string | null,
    ifMatch?: readonly string[],
  ): Promise<Order> {
    const [cancelled] = await this.transitions.apply('cancel', {
      actor: { type: 'user', id: userId },
      reason,
      set: (now) => ({ cancelledAt: now, cancelReason: reason, nextAttemptAt: null }),
      where: (update) => {
        update.andWhere({ id, userId });
        return ifMatch
          ? update.andWhere(`${ORDER_ETAG_SQL} IN (:...ifMatch)`, { ifMatch })
          : update;
      },
    });
    if (cancelled) return cancelled;
    const order = await this.getOwn(id, userId);
    if (ifMatch && !ifMatch.includes(orderEtag(order))) throw new PreconditionFailedError();
    // It has become what was wanted since: an attempt at fulfilling it has failed, say.
    if (order.status === TRANSITIONS.cancel.from) return this.cancel(order, reason, ifMatch);
    throw new OrderNotCancellableError(order.status);
  }

  /**
   * Starts a failed order over, with all its attempts.
   * @throws OrderNotFoundError, OrderNotRetryableError
   */
  async retry(id: number, adminId: number): Promise<Order> {
    const now = databaseTime(this.dataSource);
    const [retried] = await this.transitions.apply('retry', {
      actor: { type: 'admin', id: adminId },
      set: () => ({ attempts: 0, failureReason: null, nextAttemptAt: () => now }),
      where: (update) => update.andWhere({ id }),
    });
    if (retried) return retried;
    const { status } = await this.get(id);
    throw new OrderNotRetryableError(status);
  }
}
