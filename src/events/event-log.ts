import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { namedQuery } from '../database/named-query';
import { type EventType, type LoggedEvent, eventTypeOf } from './event';

/** Selects events of the log. */
export interface EventQuery {
  /** A position: events with higher ones are read. */
  readonly after: number;
  readonly limit: number;
  /** The owner of the orders; absent: the orders of all users. */
  readonly userId?: number | undefined;
  /** Absent: all types. */
  readonly types?: readonly EventType[] | undefined;
}

/** Events of a part of the log. */
export interface EventPage {
  /** By ascending position. */
  readonly events: readonly LoggedEvent[];
  /** All events up to this position were read, or did not match. */
  readonly through: number;
  /** False when there were no further events, of any type. */
  readonly hasMore: boolean;
}

/** The position before the first one. */
export const BEFORE_ALL_EVENTS = 0;

/** How many events are read, at least, to find those of the wanted types. */
const MIN_SEARCHED = 500;

/** How many events a page is searched for at most. Then it ends early. */
const MAX_SEARCHED = 5_000;

type EventRow = Omit<LoggedEvent, 'type' | 'createdAt'> & { readonly createdAt: string };

const COLUMNS = `position, order_id AS "orderId", order_history.user_id AS "userId", sequence,
  from_status AS "from", to_status AS "to", actor_type AS "actorType", actor_id AS "actorId",
  reason, product_name AS "productName", amount_minor AS "amountMinor", reference,
  order_history.created_at AS "createdAt"`;

/** Reads the log: the history of all orders, by position. */
@Injectable()
export class EventLog {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Searches a bounded part of the log, so with `types` a page can have few events although others follow. */
  async page(query: EventQuery): Promise<EventPage> {
    const { limit, types } = query;
    const wanted = types && new Set(types);
    const events: LoggedEvent[] = [];
    let through = query.after;
    for (let searched = 0; searched < MAX_SEARCHED;) {
      const count = wanted ? Math.max(limit, MIN_SEARCHED) : limit;
      // One more shows whether the log goes on.
      const rows = await this.rows(query.userId, through, count + 1);
      for (const row of rows.slice(0, count)) {
        const event = toEvent(row);
        if (wanted?.has(event.type) === false) {
          through = event.position;
          continue;
        }
        if (events.length === limit) return { events, through, hasMore: true };
        events.push(event);
        through = event.position;
      }
      searched += count;
      if (rows.length <= count) return { events, through, hasMore: false };
      if (events.length === limit) break;
    }
    return { events, through, hasMore: true };
  }

  /** @returns the highest position; 0 when none was assigned */
  async latestPosition(): Promise<number> {
    const sql = `SELECT position FROM log_readers WHERE name = 'log'`;
    const [row] = await namedQuery<{ position: number }>(this.dataSource.manager, sql, {});
    return row?.position ?? 0;
  }

  /**
   * @param limit how many events are read
   * @returns the owners of the orders of the first events after a position
   */
  async ownersAfter(position: number, limit: number): Promise<number[]> {
    const sql = `SELECT DISTINCT user_id AS owner FROM (SELECT user_id FROM order_history
      WHERE position > :position ORDER BY position LIMIT :limit) AS events`;
    const parameters = { position, limit };
    const rows = await namedQuery<{ owner: number }>(this.dataSource.manager, sql, parameters);
    return rows.map(({ owner }) => owner);
  }

  /** @returns undefined when there is no such event, or it has no position yet */
  async find(orderId: number, sequence: number): Promise<LoggedEvent | undefined> {
    const sql = `SELECT ${COLUMNS} FROM order_history JOIN orders ON orders.id = order_id
      WHERE order_id = :orderId AND sequence = :sequence AND position IS NOT NULL`;
    const rows = await namedQuery<EventRow>(this.dataSource.manager, sql, { orderId, sequence });
    return rows[0] && toEvent(rows[0]);
  }

  /**
   * The highest position of an event that was deleted, of one user or of all users. Read it after events: they
   * are complete if they were read from this position, or a later one, on.
   * @returns 0 when no event was deleted
   */
  async deletedThrough(userId?: number): Promise<number> {
    const sql =
      userId === undefined
        ? 'SELECT MAX(position) AS position FROM deleted_events'
        : 'SELECT position FROM deleted_events WHERE user_id = :userId';
    const rows = await namedQuery<{ position: number | null }>(this.dataSource.manager, sql, {
      userId,
    });
    return rows[0]?.position ?? 0;
  }

  private rows(userId: number | undefined, after: number, limit: number): Promise<EventRow[]> {
    const isOwn = userId === undefined ? '' : 'user_id = :userId AND';
    // Joined after the limit, so that each order is read by its id.
    const sql = `SELECT ${COLUMNS}
      FROM (SELECT * FROM order_history WHERE ${isOwn} position > :after
        ORDER BY position LIMIT :limit) AS order_history
      JOIN orders ON orders.id = order_id ORDER BY position`;
    return namedQuery(this.dataSource.manager, sql, { userId, after, limit });
  }
}

function toEvent(row: EventRow): LoggedEvent {
  return { ...row, type: eventTypeOf(row), createdAt: new Date(row.createdAt) };
}
