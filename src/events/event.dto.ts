import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ID_SCHEMA } from '../api/id-schema';
import { MAX_AMOUNT, MIN_AMOUNT, fromMinorUnits } from '../orders/money';
import { ORDER_STATUSES, type OrderStatus } from '../orders/order-status';
import { ActorResponse } from '../orders/order.dto';
import { MAX_PRODUCT_NAME_LENGTH, MAX_REFERENCE_LENGTH } from '../orders/order.entity';
import { EVENT_TYPES, type EventType, type LoggedEvent, eventId } from './event';

/** The facts of a transition. They never change. */
@ApiSchema({ name: 'EventData' })
export class EventDataDto {
  /** The id of the order. */
  @ApiProperty({ ...ID_SCHEMA, example: 1 })
  order_id: number;

  /** The owner of the order. */
  @ApiProperty({ ...ID_SCHEMA, example: 1 })
  user_id: number;

  /** The number of the transition within its order, from 1, without gaps. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 1 })
  sequence: number;

  /** The status before the transition; null for `order.created`. */
  @ApiProperty({ enum: ORDER_STATUSES, enumName: 'OrderStatus', nullable: true, example: null })
  from: OrderStatus | null;

  /** The status after the transition. */
  @ApiProperty({ enum: ORDER_STATUSES, enumName: 'OrderStatus', example: 'pending' })
  to: OrderStatus;

  /** Who caused the transition. */
  actor: ActorResponse;

  /** The reason of a cancellation, or why an attempt failed or was released; null when there is none. */
  @ApiProperty({ type: String, nullable: true, example: null })
  reason: string | null;

  /** What was ordered. */
  @ApiProperty({ minLength: 1, maxLength: MAX_PRODUCT_NAME_LENGTH, example: 'Laptop' })
  product_name: string;

  /** A decimal number with at most two decimals, exact. */
  @ApiProperty({ minimum: MIN_AMOUNT, maximum: MAX_AMOUNT, example: 999.99 })
  amount: number;

  /** The reference that the owner gave to the order; null when there is none. */
  @ApiProperty({
    type: String,
    minLength: 1,
    maxLength: MAX_REFERENCE_LENGTH,
    nullable: true,
    example: 'A-1001',
  })
  reference: string | null;
}

/** One transition of one order, the same in the feed, in streams and in webhooks. */
@ApiSchema({ name: 'Event' })
export class EventDto {
  /** `evt_<order>_<sequence>`, the same in the feed, in streams and in webhooks. */
  @ApiProperty({ pattern: String.raw`^evt_\d+_\d+$`, example: 'evt_1_1' })
  id: string;

  @ApiProperty({ enum: EVENT_TYPES, enumName: 'EventType', example: 'order.created' })
  type: EventType;

  /** When the transition happened, by the clock of the database. Sort by `position`, not by it. */
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  timestamp: string;

  /** The position in the log of the orders of all users. Positions ascend; those of one user have gaps. */
  @ApiProperty({ ...ID_SCHEMA, example: 1 })
  position: number;

  data: EventDataDto;

  static from(event: LoggedEvent): EventDto {
    return {
      id: eventId(event),
      type: event.type,
      timestamp: event.createdAt.toISOString(),
      position: event.position,
      data: {
        order_id: event.orderId,
        user_id: event.userId,
        sequence: event.sequence,
        from: event.from,
        to: event.to,
        actor: { type: event.actorType, id: event.actorId },
        reason: event.reason,
        product_name: event.productName,
        amount: fromMinorUnits(event.amountMinor),
        reference: event.reference,
      },
    };
  }
}
