import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager, ObjectLiteral } from 'typeorm';
import { type KeysetPage, KeysetPages } from '../../api/keyset-pages';
import type { PageQuery } from '../../api/page.dto';
import { databaseTime } from '../../database/database-time';
import { deleteInBatches } from '../../database/delete-in-batches';
import { columnsOf, hydrate } from '../../database/hydrate';
import { namedQuery } from '../../database/named-query';
import { executeReturning } from '../../database/returning';
import { Transactions } from '../../database/transactions';
import { EventLog } from '../../events/event-log';
import type { LoggedEvent } from '../../events/event';
import { WebhookWorker } from '../delivery/webhook-worker';
import { WebhookDelivery } from '../webhook-delivery.entity';
import { WebhookEndpoint } from '../webhook-endpoint.entity';
import { EventNotFoundError, WebhookNotEnabledError } from '../webhooks.errors';
import type { EndpointAccess } from './endpoint-access';
import { ENDS_TURN, WITHOUT_LEASE } from './endpoint-changes';
import { WebhookEndpoints } from './webhook-endpoints';

/** A delivery in a list, which is sorted by position alone. */
export type ListedDelivery = WebhookDelivery & { readonly id: number };

/** Names an event, as in its id. */
export type EventKey = Pick<LoggedEvent, 'orderId' | 'sequence'>;

/** Lists deliveries, and sends events again. */
@Injectable()
export class WebhookDeliveries {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly pages: KeysetPages,
    private readonly endpoints: WebhookEndpoints,
    private readonly log: EventLog,
    private readonly worker: WebhookWorker,
  ) {}

  /**
   * Lists deliveries, the latest event first.
   * @throws WebhookNotFoundError, InvalidCursorError
   */
  async list(
    access: EndpointAccess,
    endpointId: number,
    page: PageQuery,
  ): Promise<KeysetPage<ListedDelivery>> {
    await this.endpoints.get(access, endpointId);
    const list = `deliveries of webhook ${endpointId} for ${access.userId}`;
    return this.pages.page(list, page, async (before, count) => {
      const query = this.dataSource.manager
        .createQueryBuilder(WebhookDelivery, 'delivery')
        .where('delivery.endpoint_id = :endpointId', { endpointId })
        .andWhere('delivery.position < :before', {
          before: before?.id ?? Number.MAX_SAFE_INTEGER,
        })
        .orderBy('delivery.position', 'DESC')
        .limit(count);
      const rows = await query.getMany();
      return rows.map((row) => Object.assign(row, { id: row.position }));
    });
  }

  /**
   * Sends an event again, once: a failure is not followed by retries, unless these are not spent yet.
   * @throws WebhookNotFoundError, WebhookNotEnabledError, EventNotFoundError
   */
  async redeliver(
    access: EndpointAccess,
    endpointId: number,
    key: EventKey,
  ): Promise<WebhookDelivery> {
    const endpoint = await this.endpoints.get(access, endpointId);
    if (endpoint.status !== 'enabled') throw new WebhookNotEnabledError();
    const event = await this.log.find(key.orderId, key.sequence);
    const isVisible = event && (endpoint.scope === 'all' || event.userId === endpoint.userId);
    if (!isVisible) throw new EventNotFoundError();
    const { manager } = this.dataSource;
    const row = { endpointId, position: event.position };
    const isAhead = event.position > endpoint.position && isWanted(endpoint, event);
    if (isAhead && !(await manager.existsBy(WebhookDelivery, row))) {
      return firstDelivery(endpoint, event); // it is sent in its turn
    }
    return this.requestDelivery(access, endpointId, event);
  }

  /** @returns how many were deleted */
  deleteExpired(): Promise<number> {
    // Above the position of its endpoint, for example while it is paused, a row shows that the event was sent since
    // the last replay.
    const isExpired = `expires_at <= ${databaseTime(this.dataSource)} AND NOT EXISTS (
      SELECT 1 FROM webhook_endpoints AS endpoint WHERE endpoint.id = webhook_deliveries.endpoint_id
        AND webhook_deliveries.position > endpoint.position
        AND webhook_deliveries.replay = endpoint.replays)`;
    return deleteInBatches(this.dataSource, WebhookDelivery, isExpired);
  }

  /**
   * Changes the endpoint first, as all that writes does. An event that waits for an earlier one of its order goes on
   * waiting.
   * @throws WebhookNotFoundError, WebhookNotEnabledError
   */
  private requestDelivery(
    access: EndpointAccess,
    endpointId: number,
    event: LoggedEvent,
  ): Promise<WebhookDelivery> {
    return this.transactions.run(async (tx) => {
      const { manager } = tx;
      const endpoint = await this.endTurn(manager, access, endpointId);
      const row = { endpointId, position: event.position };
      const before = await manager.findOneBy(WebhookDelivery, row);
      // If it is being sent, the outcome of that request must not replace this one.
      const isSending = before !== null && mayBeSending(endpoint, before);
      if (isSending) await manager.update(WebhookEndpoint, endpointId, WITHOUT_LEASE);
      tx.afterCommit(() => {
        if (isSending) this.worker.abandonTurn(endpointId, endpoint.revision);
        else this.worker.endTurn(endpointId, endpoint.revision);
        this.worker.wake(endpoint.userId);
      });
      return before?.status === 'waiting' ? before : this.makeDue(manager, endpoint, event);
    });
  }

  /** A turn that goes on would set its pause again. */
  private async endTurn(
    manager: EntityManager,
    access: EndpointAccess,
    id: number,
  ): Promise<WebhookEndpoint> {
    const update = manager
      .createQueryBuilder()
      .update(WebhookEndpoint)
      .set({ ...ENDS_TURN, notBefore: null })
      .where({ id, status: 'enabled' });
    const [endpoint] = await executeReturning(manager, WebhookEndpoint, update);
    if (endpoint) return endpoint;
    await this.endpoints.get(access, id, manager);
    throw new WebhookNotEnabledError();
  }

  private async makeDue(
    manager: EntityManager,
    { id: endpointId, replays }: WebhookEndpoint,
    { position, orderId, sequence, type }: LoggedEvent,
  ): Promise<WebhookDelivery> {
    const now = databaseTime(this.dataSource);
    const isSettled = `webhook_deliveries.status IN ('delivered', 'parked')`;
    const rows = await namedQuery<ObjectLiteral>(
      manager,
      `INSERT INTO webhook_deliveries (endpoint_id, position, order_id, sequence, event_type, status,
         attempts, retries_left, replay, created_at, next_attempt_at)
       VALUES (:endpointId, :position, :orderId, :sequence, :type, 'retrying', 0, 0, :replays, ${now},
         ${now})
       ON CONFLICT (endpoint_id, position) DO UPDATE SET
         retries_left = CASE WHEN ${isSettled} THEN 0 ELSE webhook_deliveries.retries_left END,
         status = 'retrying', next_attempt_at = excluded.next_attempt_at, expires_at = NULL
       RETURNING ${columnsOf(manager, WebhookDelivery)}`,
      { endpointId, position, orderId, sequence, type, replays },
    );
    const [delivery] = hydrate<WebhookDelivery>(manager, WebhookDelivery, rows);
    if (!delivery) throw new TypeError('An INSERT returned no row');
    return delivery;
  }
}

/** Whether a turn may have begun to send an event that was sent before: as a retry, or since a replay. */
function mayBeSending({ position, replays }: WebhookEndpoint, delivery: WebhookDelivery): boolean {
  const isReplayed = delivery.position > position && delivery.replay !== replays;
  return delivery.status === 'retrying' || isReplayed;
}

function isWanted({ eventTypes }: WebhookEndpoint, { type }: LoggedEvent): boolean {
  return eventTypes?.includes(type) ?? true;
}

/** A delivery that has no row yet. */
function firstDelivery(endpoint: WebhookEndpoint, event: LoggedEvent): WebhookDelivery {
  const { position, orderId, sequence, type: eventType, createdAt } = event;
  const delivery = { endpointId: endpoint.id, position, orderId, sequence, eventType, createdAt };
  return {
    ...delivery,
    status: 'waiting',
    attempts: 0,
    retriesLeft: 0,
    responseStatus: null,
    failure: null,
    durationMs: null,
    earlierAttempts: null,
    replay: endpoint.replays,
    attemptedAt: null,
    nextAttemptAt: null,
    expiresAt: null,
  };
}
