import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { AppConfig } from '../config/app-config';
import { anyOf } from '../database/any-of';
import { databaseTime } from '../database/database-time';
import { leaseEnd, leaseExpiry } from '../database/leases';
import { skipLocked } from '../database/skip-locked';
import { namedQuery } from '../database/named-query';
import type { Lease } from './claimed-order';
import { OrderLease } from './order-lease.entity';

/** What a renewal has found out: `locked` means that another transaction has locked the lease. */
export type Renewal = 'renewed' | 'locked' | 'lost';

/** Reads and writes the leases in the database, one for the orders of each claim. */
@Injectable()
export class OrderLeases {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly config: AppConfig,
  ) {}

  /** Creates the lease of a claim, in the transaction of the claim. */
  async create(token: string, orderIds: readonly number[], manager: EntityManager): Promise<Lease> {
    const sentAt = performance.now();
    await namedQuery(
      manager,
      `INSERT INTO order_leases (token, expires_at) VALUES (:token, ${this.expiry()})`,
      { token },
    );
    return { token, endsAt: this.endOf(sentAt), unendedOrderIds: new Set(orderIds) };
  }

  /**
   * Records that the attempts at the orders of these leases begin. It can be repeated when the result
   * of a call is unknown.
   * @returns those that have not expired
   */
  async begin(
    leases: readonly Lease[],
    manager: EntityManager = this.dataSource.manager,
  ): Promise<Set<Lease>> {
    const now = databaseTime(this.dataSource);
    const begun = await this.updateValid(manager, leases, {
      begunAt: () => `COALESCE(begun_at, ${now})`,
    });
    return new Set(leases.filter(({ token }) => begun.has(token)));
  }

  /** Renews leases. One that has expired is lost: its orders may be reclaimed at this moment. */
  async renew(leases: readonly Lease[]): Promise<Map<Lease, Renewal>> {
    const sentAt = performance.now();
    const { manager } = this.dataSource;
    const renewed = await this.updateValid(manager, leases, { expiresAt: () => this.expiry() });
    const others = leases.filter(({ token }) => !renewed.has(token));
    const valid = await this.valid(others);
    const results = new Map<Lease, Renewal>();
    for (const lease of leases) {
      const isRenewed = renewed.has(lease.token);
      if (isRenewed) lease.endsAt = this.endOf(sentAt);
      results.set(lease, isRenewed ? 'renewed' : valid.has(lease.token) ? 'locked' : 'lost');
    }
    return results;
  }

  /**
   * Deletes leases whose claims have all ended. Those that another transaction has locked are deleted
   * after they have expired, with the abandoned ones: waiting for them would hold up the results.
   */
  async delete(leases: readonly Lease[], manager: EntityManager): Promise<void> {
    if (leases.length === 0) return;
    const [areThese, parameters] = this.areOneOf(leases);
    const unlocked = `SELECT token FROM order_leases WHERE ${areThese} ${skipLocked(this.dataSource)}`;
    const builder = manager.createQueryBuilder().delete().from(OrderLease);
    await builder.where(`token IN (${unlocked})`, parameters).execute();
  }

  /**
   * On PostgreSQL it skips leases that another transaction has locked.
   * @returns the tokens of the leases that were updated
   */
  private async updateValid(
    manager: EntityManager,
    leases: readonly Lease[],
    set: QueryDeepPartialEntity<OrderLease>,
  ): Promise<Set<string>> {
    if (leases.length === 0) return new Set();
    const [areThese, parameters] = this.areOneOf(leases);
    const valid = `SELECT token FROM order_leases
      WHERE ${areThese} AND expires_at > ${databaseTime(this.dataSource)} ${skipLocked(this.dataSource)}`;
    const { raw } = await manager
      .createQueryBuilder()
      .update(OrderLease)
      .set(set)
      .addCommonTableExpression(valid, 'valid', { materialized: true })
      .where('token IN (SELECT token FROM valid)', parameters)
      .returning('token')
      .execute();
    return new Set((raw as OrderLease[]).map(({ token }) => token));
  }

  private async valid(leases: readonly Lease[]): Promise<Set<string>> {
    if (leases.length === 0) return new Set();
    const [areThese, parameters] = this.areOneOf(leases);
    const rows = await namedQuery<OrderLease>(
      this.dataSource.manager,
      `SELECT token FROM order_leases
       WHERE ${areThese} AND expires_at > ${databaseTime(this.dataSource)}`,
      parameters,
    );
    return new Set(rows.map(({ token }) => token));
  }

  private areOneOf(leases: readonly Lease[]): ReturnType<typeof anyOf> {
    const tokens = leases.map(({ token }) => token);
    return anyOf(this.dataSource, 'token', tokens);
  }

  private expiry(): string {
    return leaseExpiry(this.dataSource, this.config.processing.leaseSeconds);
  }

  private endOf(sentAt: number): number {
    return leaseEnd(sentAt, this.config.processing.leaseSeconds);
  }
}
