import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { databaseTime } from '../../database/database-time';
import { isPostgres } from '../../database/is-postgres';
import { namedQuery } from '../../database/named-query';
import { executeReturning } from '../../database/returning';
import { Transactions } from '../../database/transactions';
import { EventFeed } from '../../events/event-feed';
import { KEPT_SECONDS } from '../delivery/delivery-rows';
import { WebhookWorker } from '../delivery/webhook-worker';
import { EndpointSecrets } from '../secrets/endpoint-secrets';
import { WebhookDelivery } from '../webhook-delivery.entity';
import { type EndpointStatus, WebhookEndpoint } from '../webhook-endpoint.entity';
import type { UpdateWebhookRequest } from '../webhook.dto';
import {
  POSITION_NOT_REACHED,
  WebhookNotFoundError,
  WebhookSecretUnreadableError,
} from '../webhooks.errors';
import { Destinations } from './destinations';
import { type EndpointAccess, IS_ACCESSIBLE } from './endpoint-access';
import { type EndpointWithSecret, WebhookEndpoints } from './webhook-endpoints';

/** For how long requests are also signed with the secret before a rotation, in seconds. */
const PREVIOUS_SECRET_SECONDS = 24 * 3_600;

/** Ends the turn that is running: nothing of it is stored any more, and its events are sent again. */
export const WITHOUT_LEASE = { leaseToken: null, leaseExpiresAt: null } as const;

/** Ends the turn that is running after its requests: its next turn has the change. */
export const ENDS_TURN = { revision: () => 'revision + 1' } as const;

/** Makes an endpoint try at once, as if it had never failed. */
const WITHOUT_FAILURES = { failures: 0, failingSince: null, notBefore: null } as const;

const WAS_UNREADABLE = `disabled_reason = 'secret_unreadable'`;

/** Changes endpoints. */
@Injectable()
export class EndpointChanges {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly endpoints: WebhookEndpoints,
    private readonly destinations: Destinations,
    private readonly feed: EventFeed,
    private readonly secrets: EndpointSecrets,
    private readonly worker: WebhookWorker,
  ) {}

  /**
   * An endpoint that is enabled continues where it stopped.
   * @throws ValidationFailedError, WebhookUrlForbiddenError, WebhookNotFoundError,
   * WebhookSecretUnreadableError
   */
  async update(
    access: EndpointAccess,
    id: number,
    { url, event_types, description, status }: UpdateWebhookRequest,
  ): Promise<WebhookEndpoint> {
    const href = url === undefined ? undefined : await this.destinations.check(url);
    const current = await this.endpoints.get(access, id);
    const isEnabled = status === 'enabled';
    if (isEnabled && !this.secrets.open(current, 0)) throw new WebhookSecretUnreadableError();
    const isForTurns = [href, event_types, status].some((value) => value !== undefined);
    return this.transactions.run(async (tx) => {
      const { manager } = tx;
      const before = await this.statusOf(manager, id);
      const endpoint = await this.write(manager, access, id, {
        ...(isForTurns && ENDS_TURN),
        ...(href !== undefined && { url: href, ...WITHOUT_FAILURES, ...WITHOUT_LEASE }),
        ...(event_types !== undefined && { eventTypes: event_types }),
        ...(description !== undefined && { description }),
        ...(status !== undefined && { status, disabledReason: null }),
        ...(isEnabled && WITHOUT_FAILURES),
      });
      if (isEnabled && before !== 'enabled') await this.makeRetriesDue(manager, id);
      tx.afterCommit(() => this.noticeChange(endpoint));
      return endpoint;
    });
  }

  /**
   * Rotates the secret. For a day, requests are signed with both, so that receivers can change it meanwhile.
   * @throws WebhookNotFoundError
   */
  async rotateSecret(access: EndpointAccess, id: number): Promise<EndpointWithSecret> {
    const { sealed, keyId, printed } = this.secrets.create(id);
    const endpoint = await this.write(this.dataSource.manager, access, id, {
      secret: sealed,
      secretKeyId: keyId,
      previousSecret: () => 'secret',
      previousSecretKeyId: () => 'secret_key_id',
      previousSecretExpiresAt: () => databaseTime(this.dataSource, PREVIOUS_SECRET_SECONDS),
      // Its owner enables it when the receiver has the new secret.
      status: () => `CASE WHEN ${WAS_UNREADABLE} THEN 'paused' ELSE status END`,
      disabledReason: () => `CASE WHEN ${WAS_UNREADABLE} THEN NULL ELSE disabled_reason END`,
      ...ENDS_TURN,
    });
    this.noticeChange(endpoint);
    return { endpoint, secret: printed };
  }

  /**
   * Sends all events after a position again, and then continues.
   * @throws ValidationFailedError, WebhookNotFoundError, PositionExpiredError
   */
  async replay(access: EndpointAccess, id: number, after: number): Promise<WebhookEndpoint> {
    const { scope, userId } = await this.endpoints.get(access, id);
    await this.feed.requireComplete(after, scope === 'own' ? userId : undefined);
    return this.transactions.run(async (tx) => {
      const { manager } = tx;
      const change = {
        position: after,
        replays: () => 'replays + 1',
        notBefore: null,
        ...WITHOUT_LEASE,
        ...ENDS_TURN,
      };
      const endpoint = await this.write(manager, access, id, change, { position: after });
      await this.endRetries(manager, id, after);
      tx.afterCommit(() => this.noticeChange(endpoint));
      return endpoint;
    });
  }

  /** What the turn of this instance has begun counts, unless its lease was taken away. */
  private noticeChange({ id, userId, leaseToken, revision }: WebhookEndpoint): void {
    if (leaseToken === null) this.worker.abandonTurn(id, revision);
    else this.worker.endTurn(id, revision);
    this.worker.wake(userId);
  }

  /** @param atLeast the position that the endpoint must have reached */
  private async write(
    manager: EntityManager,
    access: EndpointAccess,
    id: number,
    set: QueryDeepPartialEntity<WebhookEndpoint>,
    atLeast?: { readonly position: number },
  ): Promise<WebhookEndpoint> {
    const update = manager
      .createQueryBuilder()
      .update(WebhookEndpoint)
      .set({
        ...set,
        updatedAt: () => databaseTime(this.dataSource),
      })
      .where(IS_ACCESSIBLE, { ...access })
      .andWhere('id = :id', { id });
    if (atLeast) update.andWhere('position >= :position', atLeast);
    const [endpoint] = await executeReturning(manager, WebhookEndpoint, update);
    if (endpoint) return endpoint;
    if (!atLeast) throw new WebhookNotFoundError();
    await this.endpoints.get(access, id, manager);
    throw POSITION_NOT_REACHED;
  }

  /**
   * The events are read from the log again, with the events before them. Rows with attempts stay, because
   * they are a log of them.
   */
  private async endRetries(manager: EntityManager, id: number, after: number): Promise<void> {
    const isUnsettled = 'endpoint_id = :id AND position > :after AND next_attempt_at IS NOT NULL';
    await manager
      .createQueryBuilder()
      .delete()
      .from(WebhookDelivery)
      .where(`${isUnsettled} AND attempted_at IS NULL AND earlier_attempts IS NULL`)
      .setParameters({ id, after })
      .execute();
    await manager
      .createQueryBuilder()
      .update(WebhookDelivery)
      .set({
        status: 'parked',
        retriesLeft: 0,
        nextAttemptAt: null,
        expiresAt: () => databaseTime(this.dataSource, KEPT_SECONDS.parked),
      })
      .where(isUnsettled, { id, after })
      .execute();
  }

  /** Locks the endpoint. */
  private async statusOf(manager: EntityManager, id: number): Promise<EndpointStatus | undefined> {
    const lock = isPostgres(this.dataSource) ? 'FOR UPDATE' : '';
    const sql = `SELECT status FROM webhook_endpoints WHERE id = :id ${lock}`;
    const [row] = await namedQuery<{ status: EndpointStatus }>(manager, sql, { id });
    return row?.status;
  }

  private async makeRetriesDue(manager: EntityManager, id: number): Promise<void> {
    await manager
      .createQueryBuilder()
      .update(WebhookDelivery)
      .set({ nextAttemptAt: () => databaseTime(this.dataSource) })
      .where('endpoint_id = :id AND next_attempt_at IS NOT NULL', { id })
      .execute();
  }
}
