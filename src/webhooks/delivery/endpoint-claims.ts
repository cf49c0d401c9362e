import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { anyOf } from '../../database/any-of';
import { databaseTime } from '../../database/database-time';
import { leaseEnd, leaseExpiry, leaseHasExpired } from '../../database/leases';
import { skipLocked } from '../../database/skip-locked';
import { namedQuery } from '../../database/named-query';
import { executeReturning } from '../../database/returning';
import { valueRows } from '../../database/value-rows';
import { EndpointDisabling } from '../endpoints/endpoint-disabling';
import { SecretBox } from '../secrets/secret-box';
import { WebhookEndpoint } from '../webhook-endpoint.entity';
import { isBlocked } from './blocked-deliveries';

/** How long a claim is valid, in seconds. A turn ends earlier, so no lease is renewed. */
export const LEASE_SECONDS = 60;

/** How many endpoints of a user an instance sends to at the same time, so that others get a turn. */
const MAX_TURNS_OF_USER = 2;

/** An endpoint that this instance may send to. */
export interface ClaimedEndpoint extends WebhookEndpoint {
  readonly leaseToken: string;
  /** In milliseconds of `performance.now()`. */
  readonly leaseEndsAt: number;
  /** With `performance.now()`, the time of the database in milliseconds since the epoch. */
  readonly clockOffsetMs: number;
}

/** Claims endpoints that have something to send: one instance at a time sends to an endpoint. */
@Injectable()
export class EndpointClaims {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly disabling: EndpointDisabling,
    private readonly box: SecretBox,
  ) {}

  /** Whether any endpoint is enabled, on which a claim depends. */
  async areAnyEnabled(): Promise<boolean> {
    const sql = `SELECT 1 AS found FROM webhook_endpoints WHERE status = 'enabled' LIMIT 1`;
    return (await namedQuery(this.dataSource.manager, sql, {})).length > 0;
  }

  /**
   * Finds endpoints that can be claimed, those first that have waited for the longest since their last turn.
   * Only reads: the log grows more often than anything is to be sent.
   * @param turns the number of turns by user
   * @param owners whose endpoints are looked at, besides those for the events of all users; absent: all endpoints
   * @returns ids, for each user as many as may still have a turn
   */
  async findDue(
    limit: number,
    turns: ReadonlyMap<number, number>,
    owners?: readonly number[],
  ): Promise<number[]> {
    const running = valueRows(
      this.dataSource,
      { owner: 'bigint', turns: 'integer' },
      Array.from(turns, ([owner, count]) => ({ owner, turns: count })),
    );
    const [candidates, ofCandidates] = this.candidates(owners);
    const [isClaimable, ofClaimable] = this.isClaimable();
    const order = 'turn_ended_at NULLS FIRST, id';
    const rows = await namedQuery<{ id: number }>(
      this.dataSource.manager,
      `SELECT id FROM (
         SELECT id, user_id, turn_ended_at,
           ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY ${order}) AS number_of_user
         FROM ${candidates} AS endpoint
         WHERE ${isClaimable} AND ${this.hasSomethingToSend()}
       ) AS due LEFT JOIN (${running.sql}) AS running ON owner = user_id
       WHERE number_of_user + COALESCE(turns, 0) <= ${MAX_TURNS_OF_USER}
       ORDER BY ${order} LIMIT :limit`,
      { ...running.parameters, ...ofCandidates, ...ofClaimable, limit },
    );
    return rows.map(({ id }) => id);
  }

  /** Claims those of the endpoints that no other instance has claimed. */
  async claim(ids: readonly number[]): Promise<ClaimedEndpoint[]> {
    const { manager } = this.dataSource;
    const sentAt = performance.now();
    const leaseToken = randomUUID();
    const [areThese, parameters] = anyOf(this.dataSource, 'id', ids);
    const [isClaimable, ofClaimable] = this.isClaimable();
    const claimable = `SELECT id FROM webhook_endpoints
      WHERE ${areThese} AND ${isClaimable} ${skipLocked(this.dataSource)}`;
    const update = manager
      .createQueryBuilder()
      .update(WebhookEndpoint)
      .set({
        leaseToken,
        leaseExpiresAt: () => leaseExpiry(this.dataSource, LEASE_SECONDS),
      })
      .addCommonTableExpression(claimable, 'claimable', { materialized: true })
      .where('id IN (SELECT id FROM claimable)', { ...parameters, ...ofClaimable });
    const claimed = await executeReturning(manager, WebhookEndpoint, update);
    const leaseEndsAt = leaseEnd(sentAt, LEASE_SECONDS);
    return claimed.map((endpoint) => {
      const leaseExpiresAt = endpoint.leaseExpiresAt?.getTime() ?? Date.now();
      const clockOffsetMs = leaseExpiresAt - leaseEndsAt;
      return Object.assign(endpoint, { leaseToken, leaseEndsAt, clockOffsetMs });
    });
  }

  /** Disables endpoints for the events of all users whose owner is no longer an admin. */
  async disableThoseOfFormerAdmins(): Promise<number[]> {
    const ofFormerAdmins = `scope = 'all' AND status = 'enabled'
      AND NOT EXISTS (SELECT 1 FROM users WHERE users.id = user_id AND role = 'admin')`;
    const sql = `SELECT 1 AS found FROM webhook_endpoints WHERE ${ofFormerAdmins} LIMIT 1`;
    const found = await namedQuery(this.dataSource.manager, sql, {});
    return found.length > 0 ? this.disabling.disable('owner_not_admin', ofFormerAdmins) : [];
  }

  private candidates(
    owners: readonly number[] | undefined,
  ): [table: string, parameters: Record<string, unknown>] {
    if (!owners) return ['webhook_endpoints', {}];
    const [areTheirs, parameters] = anyOf(this.dataSource, 'user_id', owners);
    const enabled = `SELECT * FROM webhook_endpoints WHERE status = 'enabled'`;
    const table = `(${enabled} AND scope = 'all' UNION ALL ${enabled} AND scope = 'own' AND ${areTheirs})`;
    return [table, parameters];
  }

  /** Another instance may know the key of a secret that this one does not know. */
  private isClaimable(): [condition: string, parameters: Record<string, unknown>] {
    const now = databaseTime(this.dataSource);
    const [isKeyKnown, parameters] = anyOf(this.dataSource, 'secret_key_id', this.box.keyIds);
    const condition = `status = 'enabled' AND ${isKeyKnown}
      AND (lease_expires_at IS NULL OR ${leaseHasExpired(this.dataSource, 'lease_expires_at')})
      AND (not_before IS NULL OR not_before <= ${now})`;
    return [condition, parameters];
  }

  /** Compares with the last event: PostgreSQL would search the whole history for any event after a position. */
  private hasSomethingToSend(): string {
    const now = databaseTime(this.dataSource);
    return `(
      EXISTS (SELECT 1 FROM webhook_deliveries AS delivery
        WHERE delivery.endpoint_id = endpoint.id AND delivery.next_attempt_at <= ${now}
          AND NOT ${isBlocked('delivery', now)})
      OR endpoint.position < CASE scope
        WHEN 'own' THEN (SELECT MAX(event.position)
          FROM order_history AS event WHERE event.user_id = endpoint.user_id)
        ELSE (SELECT MAX(event.position) FROM order_history AS event)
      END
    ) AND (scope = 'own' OR EXISTS (
      SELECT 1 FROM users AS owner WHERE owner.id = endpoint.user_id AND owner.role = 'admin'))`;
  }
}
