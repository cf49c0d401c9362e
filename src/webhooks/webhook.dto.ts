import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import {
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateBy,
} from 'class-validator';
import { ID_SCHEMA } from '../api/id-schema';
import { PageResponse } from '../api/page.dto';
import { IfPresent } from '../api/if-present.decorator';
import { StringProperty } from '../api/string-property.decorator';
import { EVENT_TYPES, type EventType } from '../events/event';
import { MAX_URL_LENGTH } from './sending/webhook-url';
import {
  DISABLED_REASONS,
  type DisabledReason,
  ENDPOINT_STATUSES,
  type EndpointStatus,
  MAX_DESCRIPTION_LENGTH,
  type WebhookEndpoint,
} from './webhook-endpoint.entity';

/** What an owner can set. The server sets `disabled`. */
export const SETTABLE_STATUSES = ['enabled', 'paused'] as const satisfies EndpointStatus[];

const TYPES_SCHEMA = {
  type: 'array',
  items: { $ref: '#/components/schemas/EventType' },
  minItems: 1,
  maxItems: EVENT_TYPES.length,
  uniqueItems: true,
  nullable: true,
  example: ['order.completed', 'order.failed'],
} as const;

function areTypes(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length >= 1 &&
    new Set(value).size === value.length &&
    value.every((type) => (EVENT_TYPES as readonly unknown[]).includes(type))
  );
}

/** Types of events; null for all. */
const EventTypesProperty = (): PropertyDecorator => (target, property) => {
  ApiPropertyOptional(TYPES_SCHEMA)(target, property);
  IsOptional()(target, property);
  ValidateBy(
    { name: 'areEventTypes', validator: { validate: areTypes } },
    {
      message: `$property must be null or a list of distinct values of: ${EVENT_TYPES.join(', ')}`,
    },
  )(target, property);
};

// The host of the examples is one that DNS never knows (RFC 2606), so nothing is sent there by mistake.

/** A new webhook. */
export class CreateWebhookRequest {
  /**
   * An https URL on the public internet, with port 443 or one from 1024, and without credentials.
   * @example https://warehouse.example/hooks
   */
  @StringProperty({ maxLength: MAX_URL_LENGTH })
  url: string;

  /** The types of events that are sent; null or absent: all, also those of later releases. */
  @EventTypesProperty()
  event_types?: EventType[] | null;

  /** @example Warehouse */
  @StringProperty({ maxLength: MAX_DESCRIPTION_LENGTH, optional: true })
  description?: string | null;
}

/** Changes of a webhook. Absent fields stay as they are. */
export class UpdateWebhookRequest {
  @ApiPropertyOptional({
    minLength: 1,
    maxLength: MAX_URL_LENGTH,
    example: 'https://warehouse.example/hooks',
  })
  @IfPresent()
  @IsString()
  @MaxLength(MAX_URL_LENGTH)
  url?: string;

  /** The types of events that are sent; null: all, also those of later releases. */
  @EventTypesProperty()
  event_types?: EventType[] | null;

  /** @example Warehouse */
  @StringProperty({ maxLength: MAX_DESCRIPTION_LENGTH, optional: true })
  description?: string | null;

  /**
   * `enabled` continues where the webhook stopped, and ends the pause after failures, also when it is enabled
   * already.
   */
  @ApiPropertyOptional({ enum: SETTABLE_STATUSES, example: 'enabled' })
  @IfPresent()
  @IsIn(SETTABLE_STATUSES, { message: `$property must be one of: ${SETTABLE_STATUSES.join(', ')}` })
  status?: (typeof SETTABLE_STATUSES)[number];
}

/** Where a replay starts. */
export class ReplayRequest {
  /**
   * The events after this position are sent again; 0: all, also those from before the webhook was created. It must
   * not be above the position of the webhook.
   */
  @ApiProperty({ type: 'integer', format: 'int64', minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  after: number;
}

/** A webhook. */
export class WebhookResponse {
  @ApiProperty({ ...ID_SCHEMA, example: 1 })
  id: number;

  /** The owner: for admins, the admin who has created it. */
  @ApiProperty({ ...ID_SCHEMA, example: 1 })
  user_id: number;

  /** Normalized, and without its fragment. */
  @ApiProperty({
    format: 'uri',
    maxLength: MAX_URL_LENGTH,
    example: 'https://warehouse.example/hooks',
  })
  url: string;

  /** Null: all types. */
  @ApiProperty(TYPES_SCHEMA)
  event_types: EventType[] | null;

  /** A note of its owner; null when there is none. */
  @ApiProperty({ type: String, nullable: true, maxLength: MAX_DESCRIPTION_LENGTH, example: null })
  description: string | null;

  /** `enabled`; `paused` by its owner; `disabled` by the server, for the `disabled_reason`. */
  @ApiProperty({ enum: ENDPOINT_STATUSES, enumName: 'WebhookStatus', example: 'enabled' })
  status: EndpointStatus;

  /**
   * Why the server has disabled it: `gone` after a response with 410, `failing` after five days without
   * success, `secret_unreadable` when its secret is lost, `owner_not_admin` when its creator is no longer an admin.
   */
  @ApiProperty({
    enum: DISABLED_REASONS,
    enumName: 'WebhookDisabledReason',
    nullable: true,
    example: null,
  })
  disabled_reason: DisabledReason | null;

  /** All events up to this position were sent, are in the list of deliveries, or are of types that are not sent. */
  @ApiProperty({ type: 'integer', format: 'int64', minimum: 0, example: 1 })
  position: number;

  /**
   * Events up to this position were deleted before all of them were sent, because the retention of orders has
   * deleted them; null: none.
   */
  @ApiProperty({ type: 'integer', format: 'int64', minimum: 1, nullable: true, example: null })
  missed_through: number | null;

  /** The number of failed requests since the last success; simultaneous ones beyond the fifth are not counted. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 0 })
  consecutive_failures: number;

  /** When the first of these failed. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  failing_since: string | null;

  /** When the last request succeeded; null before the first success. */
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-01-31T12:00:00.000Z',
  })
  last_success_at: string | null;

  /** Until when requests are also signed with the secret before the last rotation; null when there is none. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  previous_secret_expires_at: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  created_at: string;

  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  updated_at: string;
}

/** A secret, which is shown once. */
export class WebhookSecret {
  /**
   * Verify signatures with it, as https://www.standardwebhooks.com describes. The key is what follows `whsec_`, decoded
   * from base64. It is not shown again.
   */
  @ApiProperty({
    pattern: '^whsec_[A-Za-z0-9+/]{43}=$',
    example: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD8rBQhS6RHbM=',
  })
  secret: string;
}

/** A webhook with its secret. */
export class WebhookWithSecretResponse extends IntersectionType(WebhookResponse, WebhookSecret) {}

/** One page of webhooks, oldest first. */
export class WebhookListResponse extends PageResponse {
  data: WebhookResponse[];
}

export function toWebhookResponse(endpoint: WebhookEndpoint): WebhookResponse {
  return {
    id: endpoint.id,
    user_id: endpoint.userId,
    url: endpoint.url,
    event_types: endpoint.eventTypes,
    description: endpoint.description,
    status: endpoint.status,
    disabled_reason: endpoint.disabledReason,
    position: endpoint.position,
    missed_through: endpoint.missedThrough,
    consecutive_failures: endpoint.failures,
    failing_since: endpoint.failingSince?.toISOString() ?? null,
    last_success_at: endpoint.lastSuccessAt?.toISOString() ?? null,
    previous_secret_expires_at: endpoint.previousSecretExpiresAt?.toISOString() ?? null,
    created_at: endpoint.createdAt.toISOString(),
    updated_at: endpoint.updatedAt.toISOString(),
  };
}

export function toWebhookWithSecret({
  endpoint,
  secret,
}: {
  readonly endpoint: WebhookEndpoint;
  readonly secret: string;
}): WebhookWithSecretResponse {
  return Object.assign(toWebhookResponse(endpoint), { secret });
}
