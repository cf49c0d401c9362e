import { ApiProperty } from '@nestjs/swagger';
import { ID_SCHEMA } from '../api/id-schema';
import { type WithInstantStrings, instantString } from '../database/hydrate';
import { MAX_REQUEST_ID_LENGTH } from '../logging/request-context';
import { MAX_AMOUNT, MIN_AMOUNT, fromMinorUnits } from './money';
import type { OrderHistoryEntry } from './order-history-entry.entity';
import {
  ACTOR_TYPES,
  ORDER_STATUSES,
  OWNER_ACTIONS,
  type OrderStatus,
  allowedActions,
} from './order-status';
import { type Metadata, parseMetadata } from './metadata';
import { METADATA_EXAMPLE, METADATA_SCHEMA } from './metadata-property.decorator';
import type { WithMetadata } from './order-metadata-rows';
import {
  MAX_PRODUCT_NAME_LENGTH,
  MAX_REASON_LENGTH,
  MAX_REFERENCE_LENGTH,
  type Order,
} from './order.entity';
import { responsibleRequest } from './responsible-request';

/** An order, as its owner and admins see it. */
export class OrderResponse {
  @ApiProperty({ ...ID_SCHEMA, example: 1 })
  id: number;

  /** The user who placed the order. */
  @ApiProperty({ ...ID_SCHEMA, example: 1 })
  user_id: number;

  @ApiProperty({ minLength: 1, maxLength: MAX_PRODUCT_NAME_LENGTH, example: 'Laptop' })
  product_name: string;

  /** A decimal number with at most two decimals, exact. Use a decimal type to add amounts. */
  @ApiProperty({ minimum: MIN_AMOUNT, maximum: MAX_AMOUNT, example: 999.99 })
  amount: number;

  @ApiProperty({ enum: ORDER_STATUSES, enumName: 'OrderStatus', example: 'pending' })
  status: OrderStatus;

  /** The actions that the owner can perform on the order now. */
  @ApiProperty({ enum: OWNER_ACTIONS, enumName: 'OrderAction', isArray: true, example: ['cancel'] })
  allowed_actions: string[];

  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  created_at: string;

  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  updated_at: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  cancelled_at: string | null;

  @ApiProperty({ type: String, maxLength: MAX_REASON_LENGTH, nullable: true, example: null })
  cancel_reason: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  completed_at: string | null;

  /**
   * How many attempts at processing there were since the order was placed or last retried by an admin,
   * including the current one. An attempt that a shutdown ended does not count.
   */
  @ApiProperty({ type: 'integer', minimum: 0, example: 0 })
  attempts: number;

  /** Why the order failed; null in every other status. */
  @ApiProperty({ type: String, nullable: true, example: null })
  failure_reason: string | null;

  /** The number that the owner has given to the order; null without one. */
  @ApiProperty({
    type: String,
    minLength: 1,
    maxLength: MAX_REFERENCE_LENGTH,
    nullable: true,
    example: 'A-1001',
  })
  reference: string | null;

  /** What the owner has stored with the order: strings by key. Empty when there is nothing. */
  @ApiProperty({ ...METADATA_SCHEMA, example: METADATA_EXAMPLE })
  metadata: Metadata;

  /**
   * When the order is due: the next run after that claims it. It is later than `updated_at` while the
   * order is postponed. Null when the order is not pending.
   */
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-01-31T12:00:00.000Z',
  })
  next_attempt_at: string | null;
}

/** Who caused a transition. */
export class ActorResponse {
  @ApiProperty({ enum: ACTOR_TYPES, enumName: 'ActorType', example: 'user' })
  type: OrderHistoryEntry['actorType'];

  /** The user; null for the system. */
  @ApiProperty({ ...ID_SCHEMA, nullable: true, example: 1 })
  id: number | null;
}

/** One transition of an order. The first entry is its placement. */
export class OrderHistoryEntryResponse {
  /** The number of the entry within the order, from 1. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 1 })
  sequence: number;

  /** Null on the first entry. */
  @ApiProperty({ enum: ORDER_STATUSES, enumName: 'OrderStatus', nullable: true, example: null })
  from: OrderStatus | null;

  @ApiProperty({ enum: ORDER_STATUSES, enumName: 'OrderStatus', example: 'pending' })
  to: OrderStatus;

  actor: ActorResponse;

  @ApiProperty({ type: String, nullable: true, example: null })
  reason: string | null;

  /**
   * The `X-Request-Id` of the request that caused the transition; in entries of the system, of the
   * request that placed the order. Null when it is not known.
   */
  @ApiProperty({
    type: String,
    maxLength: MAX_REQUEST_ID_LENGTH,
    nullable: true,
    example: '4b4b2f43-3d0d-4d0a-9c6a-6f3f0a3f7f0e',
  })
  request_id: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  created_at: string;
}

/** All transitions of one order. */
export class OrderHistoryResponse {
  /** Oldest first. */
  data: OrderHistoryEntryResponse[];
}

/** What a response contains of an order, besides its metadata. */
export const SHOWN_PROPERTIES = [
  'id',
  'userId',
  'productName',
  'amountMinor',
  'status',
  'attempts',
  'failureReason',
  'cancelReason',
  'createdAt',
  'updatedAt',
  'cancelledAt',
  'completedAt',
  'reference',
  'nextAttemptAt',
] as const satisfies (keyof Order)[];

export type ShownOrder = Pick<Order, (typeof SHOWN_PROPERTIES)[number]> & WithMetadata;

/** An order as a list reads it: its instants are strings, as in the response. */
export type ListedOrder = WithInstantStrings<ShownOrder>;

export function toOrderResponse(order: ShownOrder | ListedOrder): OrderResponse {
  return {
    id: order.id,
    user_id: order.userId,
    product_name: order.productName,
    amount: fromMinorUnits(order.amountMinor),
    status: order.status,
    allowed_actions: allowedActions(order.status),
    created_at: instantString(order.createdAt),
    updated_at: instantString(order.updatedAt),
    cancelled_at: order.cancelledAt ? instantString(order.cancelledAt) : null,
    cancel_reason: order.cancelReason,
    completed_at: order.completedAt ? instantString(order.completedAt) : null,
    attempts: order.attempts,
    failure_reason: order.failureReason,
    reference: order.reference,
    metadata: parseMetadata(order.metadataJson),
    next_attempt_at: order.nextAttemptAt ? instantString(order.nextAttemptAt) : null,
  };
}

/** @param entries those of the order */
export function toHistoryResponse(
  order: Pick<Order, 'requestId'>,
  entries: readonly OrderHistoryEntry[],
): OrderHistoryEntryResponse[] {
  return entries.map((entry) => ({
    sequence: entry.sequence,
    from: entry.from,
    to: entry.to,
    actor: { type: entry.actorType, id: entry.actorId },
    reason: entry.reason,
    request_id: responsibleRequest(entry.actorType, order.requestId, entry.requestId),
    created_at: entry.createdAt.toISOString(),
  }));
}
