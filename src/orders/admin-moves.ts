import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { anyOf } from '../database/any-of';
import { isPostgres } from '../database/is-postgres';
import { namedQuery } from '../database/named-query';
import type { Transaction } from '../database/transactions';
import { type AdminAction, type Outcomes, type Statuses, outcomesOf } from './admin-actions';
import { type OrderWithMetadata, withMetadata } from './order-metadata-rows';
import { type OrderStatus, TRANSITIONS } from './order-status';
import { OrderTransitions } from './order-transitions';
import { OrderNotFoundError } from './orders.errors';

/** How rows are locked, on PostgreSQL. By ascending id, so that two requests cannot deadlock. */
const LOCKS = {
  none: '',
  wait: 'ORDER BY id FOR NO KEY UPDATE',
  skip: 'ORDER BY id FOR NO KEY UPDATE SKIP LOCKED',
} as const;

/**
 * Moves orders for an admin. Their rows are locked first, so the status that selects the transition, or
 * that an error reports, is the one that the transition finds.
 */
@Injectable()
export class AdminMoves {
  constructor(private readonly transitions: OrderTransitions) {}

  /** @throws OrderNotFoundError, and what the action rejects the order with */
  async one(
    tx: Transaction,
    id: number,
    adminId: number,
    action: AdminAction,
  ): Promise<OrderWithMetadata> {
    const { transitions, reason, set, reject } = action;
    const status = (await this.statuses(tx.manager, [id], 'wait')).get(id);
    if (status === undefined) throw new OrderNotFoundError();
    const name = transitions.find((transition) => TRANSITIONS[transition].from === status);
    const [order] = name
      ? await this.transitions.apply(tx, name, {
          actorId: adminId,
          reason,
          set,
          where: (update) => update.andWhere({ id }),
        })
      : [];
    if (!order) throw reject(status);
    return withMetadata(tx.manager, order);
  }

  /** @param statuses those of orders that this transaction has locked */
  async many(
    tx: Transaction,
    statuses: Statuses,
    adminId: number,
    { transitions, reason, set, reject }: AdminAction,
  ): Promise<Outcomes> {
    const moved = new Set<number>();
    for (const name of transitions) {
      const ids = Array.from(statuses)
        .filter(([, status]) => status === TRANSITIONS[name].from)
        .map(([id]) => id);
      if (ids.length === 0) continue;
      const orders = await this.transitions.applyToMany(tx, name, {
        actorId: adminId,
        reason,
        set,
        where: (update) => update.andWhere(...anyOf(tx.manager.dataSource, 'id', ids)),
      });
      for (const { id } of orders) moved.add(id);
    }
    return outcomesOf(statuses, (id, status) => (moved.has(id) ? null : reject(status).code));
  }

  /**
   * Reads the statuses of orders.
   * @param lock with `skip`, those that another transaction has locked are not returned
   */
  async statuses(
    manager: EntityManager,
    ids: readonly number[],
    lock: keyof typeof LOCKS = 'none',
  ): Promise<Statuses> {
    const { dataSource } = manager;
    const [areThese, parameters] = anyOf(dataSource, 'id', ids);
    const rows = await namedQuery<{ id: number; status: OrderStatus }>(
      manager,
      `SELECT id, status FROM orders WHERE ${areThese} ${isPostgres(dataSource) ? LOCKS[lock] : ''}`,
      parameters,
    );
    return new Map(rows.map(({ id, status }) => [id, status]));
  }
}
