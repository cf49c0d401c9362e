import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { anyOf } from '../../database/any-of';
import { databaseTime } from '../../database/database-time';
import { leaseHasExpired } from '../../database/leases';
import { namedQuery } from '../../database/named-query';
import { skipLocked } from '../../database/skip-locked';
import { EndpointDisabling } from '../endpoints/endpoint-disabling';
import { WebhookEndpoint } from '../webhook-endpoint.entity';
import { SecretBox, type SealedSecret } from './secret-box';

const BATCH_SIZE = 100;

/** How many endpoints are renewed at a time, at most: the next time continues. */
const MAX_RENEWED = 10_000;

/** How many expired secrets are cleared at a time, at most. */
const MAX_CLEARED = 1_000;

/**
 * Encrypts secrets with the current key after `JWT_SECRET` was changed, so that the previous one can be removed: at
 * each start, and every ten minutes, because instances with the previous secret may encrypt more meanwhile.
 *
 * At a start, endpoints whose secrets cannot be decrypted are disabled. They are enabled again when the key is known
 * again, for example after an instance was started with a wrong `JWT_SECRET`.
 */
@Injectable()
export class SecretRenewal implements OnApplicationBootstrap {
  private readonly logger = new Logger(SecretRenewal.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly box: SecretBox,
    private readonly disabling: EndpointDisabling,
  ) {}

  /** Never rejects: what is not renewed can still be decrypted while the previous secret is known. */
  onApplicationBootstrap(): Promise<void> {
    return this.attempt(
      () => this.renewAll(),
      () => this.disableUnreadable(),
    );
  }

  @Cron(CronExpression.EVERY_10_MINUTES, { name: 'renew-webhook-secrets', waitForCompletion: true })
  tick(): Promise<void> {
    return this.attempt(
      () => this.clearExpired(),
      () => this.renewAll(),
      () => this.warnOfUnreadable(),
    );
  }

  /** Each, although one before it has failed. */
  private async attempt(...parts: readonly (() => Promise<void>)[]): Promise<void> {
    for (const part of parts) {
      try {
        await part();
      } catch (error) {
        this.logger.error({ msg: 'Could not renew the secrets of webhooks', err: error });
      }
    }
  }

  private async renewAll(): Promise<void> {
    let renewed = 0;
    let after = 0;
    for (let read = 0; read < MAX_RENEWED; read += BATCH_SIZE) {
      const endpoints = await this.outdated(after);
      for (const endpoint of endpoints) if (await this.renew(endpoint)) renewed++;
      after = endpoints.at(-1)?.id ?? after;
      if (endpoints.length < BATCH_SIZE) break;
    }
    if (renewed > 0) this.logger.log({ msg: 'Encrypted the secrets of webhooks again', renewed });
  }

  /** Those with a secret that can be decrypted, and that has another key or was not decrypted before. */
  private outdated(after: number): Promise<WebhookEndpoint[]> {
    const [isKnown, ofKnown] = anyOf(this.dataSource, 'secret_key_id', this.box.keyIds);
    const [isPreviousKnown, ofPrevious] = anyOf(
      this.dataSource,
      'previous_secret_key_id',
      this.box.keyIds,
    );
    return this.dataSource.manager
      .createQueryBuilder(WebhookEndpoint, 'endpoint')
      .where('endpoint.id > :after', { after })
      .andWhere(
        `((${isKnown} AND (secret_key_id <> :keyId OR disabled_reason = 'secret_unreadable'))
          OR (${isPreviousKnown} AND previous_secret_key_id <> :keyId))`,
        { ...ofKnown, ...ofPrevious, keyId: this.box.keyId },
      )
      .orderBy('endpoint.id', 'ASC')
      .take(BATCH_SIZE)
      .getMany();
  }

  /** @returns false when nothing was changed */
  private async renew(endpoint: WebhookEndpoint): Promise<boolean> {
    const {
      id,
      secret: sealed,
      secretKeyId: keyId,
      previousSecret,
      previousSecretKeyId,
    } = endpoint;
    const current = this.sealAgain({ sealed, keyId }, id);
    const previous =
      previousSecret !== null && previousSecretKeyId !== null
        ? this.sealAgain({ sealed: previousSecret, keyId: previousSecretKeyId }, id)
        : undefined;
    const isReadableAgain =
      current !== undefined && endpoint.disabledReason === 'secret_unreadable';
    if (!current && !previous) return false;
    // On the condition that it was not rotated, and what was disabled not changed, meanwhile.
    const { affected } = await this.dataSource.manager.update(
      WebhookEndpoint,
      {
        id,
        secret: sealed,
        ...(previous && previousSecret !== null && { previousSecret }),
        ...(isReadableAgain && { disabledReason: 'secret_unreadable' }),
      },
      {
        ...(current && { secret: current.sealed, secretKeyId: current.keyId }),
        ...(previous && { previousSecret: previous.sealed, previousSecretKeyId: previous.keyId }),
        ...(isReadableAgain && {
          status: 'enabled',
          disabledReason: null,
          updatedAt: () => databaseTime(this.dataSource),
        }),
      },
    );
    if (affected !== 1) return false;
    const msg = 'A webhook was enabled again: its secret can be decrypted';
    if (isReadableAgain) this.logger.log({ msg, webhook_id: id });
    return true;
  }

  /** @returns undefined when the secret cannot be decrypted */
  private sealAgain(secret: SealedSecret, endpointId: number): SealedSecret | undefined {
    const opened = this.box.open(secret, endpointId);
    return opened && this.box.seal(opened, endpointId);
  }

  /** But for endpoints with a lease: another instance is sending to them, and knows their keys. */
  private async disableUnreadable(): Promise<void> {
    const [isUnreadable, parameters] = this.unreadable();
    const unreadable = `SELECT id FROM webhook_endpoints WHERE ${isUnreadable}
      AND (lease_expires_at IS NULL OR ${leaseHasExpired(this.dataSource, 'lease_expires_at')})
      ${skipLocked(this.dataSource)}`;
    await this.disabling.disable('secret_unreadable', `id IN (${unreadable})`, parameters);
  }

  /** This instance does not send to them, and no other one may. */
  private async warnOfUnreadable(): Promise<void> {
    const [isUnreadable, parameters] = this.unreadable();
    const sql = `SELECT COUNT(*) AS webhooks FROM webhook_endpoints WHERE ${isUnreadable}`;
    const [row] = await namedQuery<{ webhooks: number }>(this.dataSource.manager, sql, parameters);
    const webhooks = row?.webhooks ?? 0;
    const msg = 'The secrets of webhooks cannot be decrypted by this instance';
    if (webhooks > 0) this.logger.warn({ msg, webhooks });
  }

  private unreadable(): [condition: string, parameters: Record<string, unknown>] {
    const [isKnown, parameters] = anyOf(this.dataSource, 'secret_key_id', this.box.keyIds);
    return [`status = 'enabled' AND NOT (${isKnown})`, parameters];
  }

  /** Secrets before a rotation that no longer sign. */
  private async clearExpired(): Promise<void> {
    const expired = `SELECT id FROM webhook_endpoints
      WHERE previous_secret_expires_at <= ${databaseTime(this.dataSource)}
      LIMIT ${MAX_CLEARED} ${skipLocked(this.dataSource)}`;
    await this.dataSource.manager
      .createQueryBuilder()
      .update(WebhookEndpoint)
      .set({ previousSecret: null, previousSecretKeyId: null, previousSecretExpiresAt: null })
      .where(`id IN (${expired})`)
      .execute();
  }
}
