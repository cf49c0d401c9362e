import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import type { DataSource } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { isPostgres } from '../database/is-postgres';
import { OPEN_STATUSES } from './order-status';
import type { PlacementCheck } from './order-transitions';
import type { Order } from './order.entity';
import { OpenOrdersLimitReachedError } from './orders.errors';

/** How many placements one count allows to go unchecked, as a share of the limit. */
const UNCHECKED_SHARE = 0.01;

/** How long a count is relied on, in milliseconds: other instances place orders as well. */
const COUNT_TTL_MS = 5_000;

/** Users whose counts are remembered; of another user, the next placement counts again. */
const MAX_USERS = 10_000;

/** First key of the advisory locks; any constant would do. The second one is the user. */
const PLACEMENT_LOCK = 1_467_032;

/** What is known about the open orders of a user. */
interface KnownUser {
  /** How many orders can still be placed without counting. */
  unchecked: number;
  /** True when a count is needed for each order, because the limit is near. */
  readonly isNearLimit: boolean;
}

/**
 * Limits how many pending and processing orders a user has (`MAX_OPEN_ORDERS_PER_USER`).
 *
 * The count is a condition of the INSERT, so it costs no statement, but its cost grows with the
 * open orders of the user. Therefore a count that finds at least 1 % of the limit free allows so
 * many orders without another count. Nearer to the limit each order is counted, on PostgreSQL one
 * order of a user after another: there, and with a limit below 100, the limit is exact. Otherwise
 * each further instance may exceed it by 1 %, and each by the requests it is serving.
 */
@Injectable()
export class OpenOrderLimit {
  private readonly limit: number;
  private readonly uncheckedPerCount: number;
  private readonly known = new LRUCache<number, KnownUser>({ max: MAX_USERS, ttl: COUNT_TTL_MS });

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    { orders }: AppConfig,
  ) {
    this.limit = orders.maxOpenPerUser;
    this.uncheckedPerCount = Math.floor(this.limit * UNCHECKED_SHARE);
  }

  /**
   * Places an order unless the user has too many.
   * @param place inserts the order; returns undefined when the check fails
   * @throws OpenOrdersLimitReachedError
   */
  async within(
    userId: number,
    place: (check?: PlacementCheck) => Promise<Order | undefined>,
  ): Promise<Order> {
    const order =
      (await this.placeFarFromLimit(userId, place)) ?? (await place(this.exactCheck(userId)));
    if (!order) throw new OpenOrdersLimitReachedError(this.limit);
    return order;
  }

  private async placeFarFromLimit(
    userId: number,
    place: (check?: PlacementCheck) => Promise<Order | undefined>,
  ): Promise<Order | undefined> {
    const known = this.known.get(userId);
    if (this.uncheckedPerCount === 0 || known?.isNearLimit) return undefined;
    if (known && known.unchecked > 0) {
      known.unchecked--;
      return place();
    }
    const order = await place({
      condition: this.fewerThan(this.limit - this.uncheckedPerCount, userId),
    });
    if (!order) this.known.set(userId, { unchecked: 0, isNearLimit: true });
    // Of counts at the same time only the first one allows more orders: the others were made before it.
    else if (this.known.get(userId) === known) {
      this.known.set(userId, { unchecked: this.uncheckedPerCount, isNearLimit: false });
    }
    return order;
  }

  private exactCheck(userId: number): PlacementCheck {
    const condition = this.fewerThan(this.limit, userId);
    // On SQLite one transaction is open at a time.
    if (!isPostgres(this.dataSource)) return { condition };
    return {
      condition,
      lock: async (manager) => {
        await manager.query('SELECT pg_advisory_xact_lock($1, $2)', [
          PLACEMENT_LOCK,
          userId % 2 ** 31,
        ]);
      },
    };
  }

  private fewerThan(count: number, userId: number): PlacementCheck['condition'] {
    const statuses = OPEN_STATUSES.map((status) => `'${status}'`).join(', ');
    return {
      sql: `(SELECT COUNT(*) FROM (
          SELECT 1 FROM orders WHERE user_id = :userId AND status IN (${statuses}) LIMIT :count
        ) AS open) < :count`,
      parameters: { userId, count },
    };
  }
}
