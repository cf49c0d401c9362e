import type { DataSource } from 'typeorm';
import type { DomainError } from '../errors/domain-error';
import { cancelledColumns, retriedColumns } from './changed-columns';
import { type AdminTransition, type OrderStatus, TRANSITIONS } from './order-status';
import type { ChangedColumns } from './order-transitions';
import { OrderNotCancellableError, OrderNotRetryableError } from './orders.errors';

/** The statuses of orders by id; of those that were found. */
export type Statuses = ReadonlyMap<number, OrderStatus>;

/** Why orders were not moved, by id; null for those that were. */
export type Outcomes = ReadonlyMap<number, string | null>;

/** What an admin does with orders. */
export interface AdminAction {
  /** The status of an order selects one of them. */
  readonly transitions: readonly AdminTransition[];
  readonly reason: string | null;
  readonly set: ChangedColumns;
  /** The error for an order in another status. */
  readonly reject: (status: OrderStatus) => DomainError;
}

/** Makes failed orders pending again. */
export function retryAction(dataSource: DataSource): AdminAction {
  return {
    transitions: ['retry'],
    reason: null,
    set: retriedColumns(dataSource),
    reject: (status) => new OrderNotRetryableError(status),
  };
}

/** Cancels pending and failed orders. */
export function cancelAction(reason: string | null): AdminAction {
  return {
    transitions: ['cancelByAdmin', 'cancelFailed'],
    reason,
    set: cancelledColumns(reason),
    reject: (status) => new OrderNotCancellableError(status, true),
  };
}

/** The statuses of the orders that an action moves. */
export function statusesOf({ transitions }: AdminAction): OrderStatus[] {
  return transitions.map((name) => TRANSITIONS[name].from);
}

/** Restricts an action to orders in some statuses: it rejects those that have left them. */
export function restrictTo(statuses: readonly OrderStatus[], action: AdminAction): AdminAction {
  const transitions = action.transitions.filter((name) =>
    statuses.includes(TRANSITIONS[name].from),
  );
  return { ...action, transitions };
}

/** What an action would do with orders that have these statuses. */
export function previewOf(statuses: Statuses, action: AdminAction): Outcomes {
  const moved = statusesOf(action);
  return outcomesOf(statuses, (_, status) =>
    moved.includes(status) ? null : action.reject(status).code,
  );
}

export function outcomesOf(
  statuses: Statuses,
  codeOf: (id: number, status: OrderStatus) => string | null,
): Outcomes {
  return new Map(Array.from(statuses, ([id, status]) => [id, codeOf(id, status)]));
}
