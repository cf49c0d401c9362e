import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { anyOf } from '../database/any-of';
import { leaseHasExpired } from '../database/leases';
import { skipLocked } from '../database/skip-locked';
import { namedQuery } from '../database/named-query';
import { OrderLease } from './order-lease.entity';

/** The number of leases that a statement reads, at most. */
const BATCH_SIZE = 500;

export interface ExpiredLease {
  readonly token: string;
  readonly begun_at: unknown;
}

/** Finds and deletes the leases of processes that died, or that could not renew them. */
@Injectable()
export class ExpiredLeases {
  private known: ReadonlySet<string> = new Set();

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** True when a lease has expired since the last call. */
  async areNew(): Promise<boolean> {
    const leases = await this.read(this.dataSource.manager);
    const areNew = leases.some(({ token }) => !this.known.has(token));
    this.known = new Set(leases.map(({ token }) => token));
    return areNew;
  }

  /** A locked lease cannot be renewed. Those that another transaction has locked are skipped. */
  lock(manager: EntityManager): Promise<ExpiredLease[]> {
    return this.read(manager, skipLocked(this.dataSource));
  }

  /** Keeps the leases of orders that remain, for example because another transaction has locked them. */
  async delete(manager: EntityManager, leases: readonly ExpiredLease[]): Promise<void> {
    if (leases.length === 0) return;
    const tokens = leases.map(({ token }) => token);
    await manager
      .createQueryBuilder()
      .delete()
      .from(OrderLease)
      .where(...anyOf(this.dataSource, 'token', tokens))
      .andWhere(
        `NOT EXISTS (SELECT 1 FROM orders WHERE status = 'processing' AND lease_token = token)`,
      )
      .execute();
  }

  private read(manager: EntityManager, lock = ''): Promise<ExpiredLease[]> {
    return namedQuery(
      manager,
      `SELECT token, begun_at FROM order_leases
       WHERE ${leaseHasExpired(this.dataSource)} LIMIT :limit ${lock}`,
      { limit: BATCH_SIZE },
    );
  }
}
