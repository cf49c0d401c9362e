import type { DataSource } from 'typeorm';
import type { DomainError } from '../errors/domain-error';
import { cancelledColumns, retriedColumns } from './changed-columns';
import { type AdminTransition, type OrderStatus, TRANSITIONS } from './order-status';
import type { ChangedColumns } from './order-transitions';
import { OrderNotCancellableError, OrderNotRetryableError } from './orders.errors';

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
export function retry(dataSource: DataSource): AdminAction {
  return {
    transitions: ['retry'],
    reason: null,
    set: retriedColumns(dataSource),
    reject: (status) => new OrderNotRetryableError(status),
  };
}

/** Cancels pending and failed orders. */
export function cancel(reason: string | null): AdminAction {
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
