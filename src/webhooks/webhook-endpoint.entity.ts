import { Column, Entity, ForeignKey, Index, type ValueTransformer } from 'typeorm';
import { GeneratedIdColumn, InstantColumn } from '../database/columns';
import type { EventType } from '../events/event';
import { MAX_URL_LENGTH } from './sending/webhook-url';

// In characters (code points).
export const MAX_DESCRIPTION_LENGTH = 200;

/** Whose events an endpoint receives: those of its owner, or, when an admin has created it, those of all users. */
export const WEBHOOK_SCOPES = ['own', 'all'] as const;
export type WebhookScope = (typeof WEBHOOK_SCOPES)[number];

/** An owner pauses and enables an endpoint; the server disables it. */
export const ENDPOINT_STATUSES = ['enabled', 'paused', 'disabled'] as const;
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];

/**
 * Why the server has disabled an endpoint: it responded with 410; no request succeeded for five days; its secret
 * cannot be decrypted; its creator is no longer an admin.
 */
export const DISABLED_REASONS = [
  'gone',
  'failing',
  'secret_unreadable',
  'owner_not_admin',
] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

const eventTypes: ValueTransformer = {
  to: (types: readonly EventType[] | null | undefined) => types?.join(',') ?? null,
  from: (types: string | null) => types?.split(',') ?? null,
};

/** A reader of the log that sends what it reads to a URL. All instants are those of the database. */
@Entity('webhook_endpoints')
@Index('webhook_endpoints_user_id_idx', ['userId'])
@Index('webhook_endpoints_enabled_idx', ['scope', 'userId'], { where: `status = 'enabled'` })
export class WebhookEndpoint {
  @GeneratedIdColumn()
  id: number;

  @ForeignKey('User', { name: 'webhook_endpoints_user_id_fkey', onDelete: 'CASCADE' })
  @Column('bigint', { name: 'user_id' })
  userId: number;

  @Column('varchar', { length: 10 })
  scope: WebhookScope;

  @Column('varchar', { length: MAX_URL_LENGTH })
  url: string;

  /** Null: all types, also those of later releases. */
  @Column('text', { name: 'event_types', nullable: true, transformer: eventTypes })
  eventTypes: EventType[] | null;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('varchar', { length: 10 })
  status: EndpointStatus;

  /** Null unless the status is `disabled`. */
  @Column('varchar', { name: 'disabled_reason', length: 30, nullable: true })
  disabledReason: DisabledReason | null;

  /** See `SecretBox`. */
  @Column('text')
  secret: string;

  @Column('varchar', { name: 'secret_key_id', length: 16 })
  secretKeyId: string;

  /** The secret before the last rotation, which signs too for a day. */
  @Column('text', { name: 'previous_secret', nullable: true })
  previousSecret: string | null;

  @Column('varchar', {
    name: 'previous_secret_key_id',
    length: 16,
    nullable: true,
  })
  previousSecretKeyId: string | null;

  @InstantColumn({ name: 'previous_secret_expires_at', nullable: true })
  previousSecretExpiresAt: Date | null;

  /** All events up to this one were sent, or have a row in the deliveries. */
  @Column('bigint')
  position: number;

  /**
   * The retention of orders has deleted events up to this position before all of them were sent; null: it
   * has deleted none.
   */
  @Column('bigint', { name: 'missed_through', nullable: true })
  missedThrough: number | null;

  /** Counts changes by the owner that a running turn has to notice. */
  @Column('integer', { default: 0 })
  revision: number;

  /** Counts replays: deliveries before the last one do not count as handled. */
  @Column('integer', { default: 0 })
  replays: number;

  /** Requests that have failed in a row. */
  @Column('integer', { default: 0 })
  failures: number;

  /** When the first of them failed, or the first one after two days without attempts. */
  @InstantColumn({ name: 'failing_since', nullable: true })
  failingSince: Date | null;

  @InstantColumn({ name: 'last_success_at', nullable: true })
  lastSuccessAt: Date | null;

  /** No turn begins before, because of failures or of `Retry-After`. */
  @InstantColumn({ name: 'not_before', nullable: true })
  notBefore: Date | null;

  /** The turn that is sending, or was the last one. Another turn cannot store the outcome of its requests. */
  @Column('varchar', { name: 'lease_token', length: 36, nullable: true })
  leaseToken: string | null;

  /** Null when no turn is sending. */
  @InstantColumn({ name: 'lease_expires_at', nullable: true })
  leaseExpiresAt: Date | null;

  /** The endpoint whose turn ended first is the next one. */
  @InstantColumn({ name: 'turn_ended_at', nullable: true })
  turnEndedAt: Date | null;

  @InstantColumn({ name: 'created_at' })
  createdAt: Date;

  @InstantColumn({ name: 'updated_at' })
  updatedAt: Date;
}
