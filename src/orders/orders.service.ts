import { Injectable } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import type { DataSource, Repository } from 'typeorm';
import {
  InvalidTokenError,
  PreconditionFailedError,
  ServiceUnavailableError,
} from '../errors/common.errors';
import { databaseTime } from '../database/database-time';
import { isForeignKeyViolation } from '../database/database.errors';
import { toMinorUnits } from './money';
import { OpenOrderLimit } from './open-order-limit';
import { orderEtag } from './order-etag';
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

/** Each attempt after the first follows a transition that was made since the order was read. */
const MAX_CANCEL_ATTEMPTS = 10;

/** What users and admins do with orders. */
@Injectable()
export class OrdersService {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(OrderHistoryEntry) private readonly entries: Repository<OrderHistoryEntry>,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transitions: OrderTransitions,
    private readonly openOrders: OpenOrderLimit,
  ) {}

  /**
   * @throws InvalidTokenError when the account was deleted while an instance still knew it
   * @throws OpenOrdersLimitReachedError
   */
  async create(
    userId: number,
    { product_name, amount }: CreateOrderRequest,
    alongside?: Alongside,
  ): Promise<Order> {
    const values = { userId, productName: product_name, amountMinor: toMinorUnits(amount) };
    try {
      return await this.openOrders.within(userId, (check) =>
        this.transitions.place(values, alongside, check),
      );
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
   * @param seen the order as it was read for this request
   * @param ifMatch entity tags, one of which the order has to have
   * @throws PreconditionFailedError when it has another one
   * @throws OrderNotCancellableError when the order is not pending
   */
  async cancel(seen: Order, reason: string | null, ifMatch?: ReadonlySet<string>): Promise<Order> {
    const { id, userId } = seen;
    let order = seen;
    for (let attempt = 0; attempt < MAX_CANCEL_ATTEMPTS; attempt++) {
      const { version, attempts, status } = order;
      if (ifMatch && !ifMatch.has(orderEtag(order))) throw new PreconditionFailedError();
      if (status !== TRANSITIONS.cancel.from) throw new OrderNotCancellableError(status);
      const [cancelled] = await this.transitions.apply('cancel', {
        actor: { type: 'user', id: userId },
        reason,
        set: (now) => ({ cancelledAt: () => now, cancelReason: reason, nextAttemptAt: null }),
        // The tag that matched is checked again by the statement: the order may have changed since.
        where: (update) =>
          update.andWhere(ifMatch ? { id, userId, version, attempts } : { id, userId }),
      });
      if (cancelled) return cancelled;
      order = await this.getOwn(id, userId);
    }
    throw new ServiceUnavailableError(1);
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
