import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, SelectQueryBuilder } from 'typeorm';
import { anyOf } from '../../database/any-of';
import { databaseTime } from '../../database/database-time';
import { namedQuery } from '../../database/named-query';
import { EventLog } from '../../events/event-log';
import type { LoggedEvent } from '../../events/event';
import { WebhookDelivery } from '../webhook-delivery.entity';
import { isBlocked } from './blocked-deliveries';
import type { ClaimedEndpoint } from './endpoint-claims';

/** How many events a turn sends at most. */
const MAX_EVENTS = 100;

/** With so many events that wait, for a retry or for an earlier event, an endpoint gets no new ones. */
const MAX_UNSETTLED = 1_000;

/** What a turn does. */
export interface TurnPlan {
  /** Deliveries that are due again, by position. */
  readonly retries: readonly WebhookDelivery[];
  /** Of a probe: whether its retry goes before new events, and whether it is due. */
  readonly isRetryFirst: boolean;
  readonly isRetryDue: boolean;
  /** Events to send, by position. */
  readonly events: readonly LoggedEvent[];
  /** Events that have to wait for an earlier one of their order. */
  readonly waiting: readonly LoggedEvent[];
  /** Events that were sent already, by a turn that did not end. */
  readonly handled: readonly number[];
  /** The position that is reached when all of these are settled. */
  readonly through: number;
  /** Events up to this position were deleted before all of them were sent; null: none. */
  readonly missedThrough: number | null;
}

interface Retry {
  readonly row: WebhookDelivery;
  readonly isDue: boolean;
  /** Whether it is due, and no retry follows it. */
  readonly isLast: boolean;
}

/** Reads what an endpoint has to send. */
@Injectable()
export class TurnPlanner {
  private readonly logger = new Logger(TurnPlanner.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly log: EventLog,
  ) {}

  /** @param isProbe whether one request is enough: then its retry need not be due */
  async plan(endpoint: ClaimedEndpoint, isProbe: boolean): Promise<TurnPlan> {
    const { id, position } = endpoint;
    const retries = isProbe ? await this.probes(id) : await this.dueRetries(id);
    const retry = { retries: retries.map(({ row }) => row), ...stateOf(retries[0]) };
    const count = MAX_EVENTS - retries.length;
    const isFull = (await this.countUnsettled(id)) >= MAX_UNSETTLED;
    if (isFull || count <= 0) {
      const nothing = { events: [], waiting: [], handled: [], through: position };
      return { ...retry, ...nothing, missedThrough: null };
    }
    const owner = endpoint.scope === 'own' ? endpoint.userId : undefined;
    const page = await this.log.page({
      after: position,
      limit: count,
      userId: owner,
      ...(endpoint.eventTypes && { types: endpoint.eventTypes }),
    });
    const deletedThrough = await this.log.deletedThrough(owner);
    const handled = new Set(await this.handledPositions(endpoint, page.through));
    const fresh = page.events.filter((event) => !handled.has(event.position));
    const blocked = await this.blockedOrders(id, fresh);
    return {
      ...retry,
      events: fresh.filter(({ orderId }) => !blocked.has(orderId)),
      waiting: fresh.filter(({ orderId }) => blocked.has(orderId)),
      handled: page.events.flatMap((event) =>
        handled.has(event.position) ? [event.position] : [],
      ),
      through: page.through,
      missedThrough: this.missedThrough(endpoint, deletedThrough),
    };
  }

  /** The owner sees it too. */
  private missedThrough(
    { id, position, missedThrough }: ClaimedEndpoint,
    deletedThrough: number,
  ): number | null {
    if (deletedThrough <= position) return null;
    if (deletedThrough !== missedThrough) {
      const msg = 'Events were deleted before they were sent to a webhook';
      const missing = { position, missed_through: deletedThrough };
      this.logger.warn({ msg, webhook_id: id, ...missing });
    }
    return deletedThrough;
  }

  /** Those that are due, but for events whose order waits for an earlier one. */
  private async dueRetries(endpointId: number): Promise<Retry[]> {
    const now = databaseTime(this.dataSource);
    const rows = await this.unsettled(endpointId)
      .andWhere(`delivery.next_attempt_at <= ${now} AND NOT ${isBlocked('delivery', now)}`)
      .orderBy('delivery.position', 'ASC')
      .limit(MAX_EVENTS)
      .getMany();
    return rows.map((row) => ({ row, isDue: true, isLast: row.retriesLeft === 0 }));
  }

  /** The one for a probe: a due one without further retries, which an owner has asked for, before others. */
  private async probes(endpointId: number): Promise<Retry[]> {
    const isDue = `delivery.next_attempt_at <= ${databaseTime(this.dataSource)}`;
    const { entities, raw } = await this.unsettled(endpointId)
      .andWhere(`NOT ${isBlocked('delivery')}`)
      .addSelect(`CASE WHEN ${isDue} THEN 1 ELSE 0 END`, 'is_due')
      .addSelect(`CASE WHEN ${isDue} AND delivery.retries_left = 0 THEN 1 ELSE 0 END`, 'is_last')
      .orderBy({ is_last: 'DESC', 'delivery.nextAttemptAt': 'ASC', 'delivery.position': 'ASC' })
      .limit(1)
      .getRawAndEntities<{ is_due: number; is_last: number }>();
    return entities.map((row, index) => ({
      row,
      isDue: raw[index]?.is_due === 1,
      isLast: raw[index]?.is_last === 1,
    }));
  }

  private unsettled(endpointId: number): SelectQueryBuilder<WebhookDelivery> {
    return this.dataSource.manager
      .createQueryBuilder(WebhookDelivery, 'delivery')
      .where('delivery.endpoint_id = :endpointId', { endpointId })
      .andWhere('delivery.next_attempt_at IS NOT NULL');
  }

  private async countUnsettled(endpointId: number): Promise<number> {
    const [row] = await namedQuery<{ unsettled: number }>(
      this.dataSource.manager,
      `SELECT COUNT(*) AS unsettled FROM (
         SELECT 1 FROM webhook_deliveries
         WHERE endpoint_id = :endpointId AND next_attempt_at IS NOT NULL LIMIT ${MAX_UNSETTLED}
       ) AS waiting`,
      { endpointId },
    );
    return row?.unsettled ?? 0;
  }

  private async handledPositions(
    { id: endpointId, position, replays }: ClaimedEndpoint,
    through: number,
  ): Promise<number[]> {
    const rows = await namedQuery<{ position: number }>(
      this.dataSource.manager,
      `SELECT position FROM webhook_deliveries
       WHERE endpoint_id = :endpointId AND position > :position AND position <= :through
         AND replay = :replays`,
      { endpointId, position, through, replays },
    );
    return rows.map((row) => row.position);
  }

  private async blockedOrders(
    endpointId: number,
    events: readonly LoggedEvent[],
  ): Promise<Set<number>> {
    if (events.length === 0) return new Set();
    const ids = [...new Set(events.map(({ orderId }) => orderId))];
    const [areThese, parameters] = anyOf(this.dataSource, 'order_id', ids);
    const rows = await namedQuery<{ order_id: number }>(
      this.dataSource.manager,
      `SELECT DISTINCT order_id FROM webhook_deliveries
       WHERE endpoint_id = :endpointId AND next_attempt_at IS NOT NULL AND ${areThese}`,
      { endpointId, ...parameters },
    );
    return new Set(rows.map((row) => row.order_id));
  }
}

function stateOf(retry: Retry | undefined): Pick<TurnPlan, 'isRetryFirst' | 'isRetryDue'> {
  return { isRetryFirst: retry?.isLast ?? false, isRetryDue: retry?.isDue ?? false };
}
