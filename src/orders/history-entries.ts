import type { DataSource } from 'typeorm';
import { SqlExpression } from '../database/returning';
import { valueRows } from '../database/value-rows';
import type { ActorType, OrderStatus, TransitionKind } from './order-status';
import type { Order } from './order.entity';

/** What the history and the log record of one transition. */
export interface TransitionRecord {
  readonly name: 'place' | TransitionKind;
  readonly from: OrderStatus | null;
  readonly actor: { readonly type: ActorType; readonly id: number | null };
  readonly reason: string | null | ReadonlyMap<number, string | null>;
  /** The request that causes it; null for transitions of the system. */
  readonly requestId: string | null;
}

/** What the history, the log and events need of orders that move. */
export const MOVED_PROPERTIES = [
  'id',
  'userId',
  'status',
  'version',
  'productName',
  'amountMinor',
  'requestId',
  'updatedAt',
] as const satisfies (keyof Order)[];

export type MovedOrder = Pick<Order, (typeof MOVED_PROPERTIES)[number]>;

/** SQL that writes the history entries of the orders that a table expression `moved` contains. */
export function insertEntries(
  dataSource: DataSource,
  moved: string,
  { from, actor, reason, requestId }: TransitionRecord,
): SqlExpression {
  const [reasonSql, parameters] = reasonColumn(dataSource, reason);
  return new SqlExpression(
    `INSERT INTO order_history
       (order_id, sequence, from_status, to_status, actor_type, actor_id, reason, request_id,
        created_at)
     SELECT id, version, :from, status, :actorType, :actorId, ${reasonSql}, :requestId, updated_at
     FROM ${moved}`,
    { ...parameters, from, actorType: actor.type, actorId: actor.id, requestId },
  );
}

function reasonColumn(
  dataSource: DataSource,
  reason: TransitionRecord['reason'],
): [sql: string, parameters: Record<string, unknown>] {
  if (typeof reason === 'string' || reason === null) return [':reason', { reason }];
  const rows = Array.from(reason, ([order_id, text]) => ({ order_id, reason: text }));
  const columns = { order_id: 'bigint', reason: 'text' } as const;
  const { sql, parameters } = valueRows(dataSource, columns, rows, 'reasons');
  return [`(SELECT reason FROM (${sql}) AS reasons WHERE order_id = moved.id)`, parameters];
}

/** The reason of the transition of one order. */
export function reasonOf(id: number, reason: TransitionRecord['reason']): string | null {
  return typeof reason === 'string' || reason === null ? reason : (reason.get(id) ?? null);
}
