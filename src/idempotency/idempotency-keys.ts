import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { RouteResult } from '../api/route-result';
import { databaseTime } from '../database/database-time';
import { deleteInBatches } from '../database/delete-in-batches';
import { isLockTimeout } from '../database/postgres/postgres.errors';
import type { Transaction } from '../database/transactions';
import { IdempotencyKey } from './idempotency-key.entity';
import { IdempotencyInProgressError, IdempotencyKeyReusedError } from './idempotency.errors';
import { quoteIdempotencyKey } from './parse-idempotency-key';

/** How long a key is valid. */
export const KEY_LIFETIME_SECONDS = 24 * 60 * 60;

/** A request that its client may repeat. User, route and key identify it. */
export interface IdempotentRequest {
  readonly userId: number;
  /** Method and path. */
  readonly route: string;
  /** Undefined for a request without a key, which is always performed. */
  readonly key: string | undefined;
  /** The validated body. */
  readonly body: object;
}

type KeyedRequest = IdempotentRequest & { readonly key: string };

/**
 * Identifies a body. The order of its fields, also of nested ones, and the notation of its values make no
 * difference. Absent fields are undefined in a DTO.
 */
function fingerprintOf(body: object): string {
  const fields = sortedEntries(body).filter(([, value]) => value !== undefined);
  return createHash('sha256').update(JSON.stringify(fields, sortFields)).digest('hex');
}

function sortFields(_: string, value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? Object.fromEntries(sortedEntries(value)) : value;
}

function sortedEntries(value: object): [string, unknown][] {
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Performs each request with an idempotency key at most once in 24 hours. */
@Injectable()
export class IdempotencyKeys {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Claims the key of a request and then performs it, or returns the stored response to an earlier
   * request with the key. The key, the response and what `perform` writes are committed together.
   * @param request without a key, or undefined, it is always performed
   * @throws IdempotencyKeyReusedError when the key was used for another body
   * @throws IdempotencyInProgressError when another transaction holds the key for too long
   */
  async once<Body extends object>(
    tx: Transaction,
    request: IdempotentRequest | undefined,
    perform: () => Promise<RouteResult<Body>>,
  ): Promise<RouteResult<Body>> {
    if (request?.key === undefined) return perform();
    const keyed = { ...request, key: request.key };
    if (!(await this.claim(tx, keyed))) return this.storedResponse<Body>(tx, keyed);
    const response = await perform();
    await this.store(tx, keyed, response);
    return response;
  }

  /** @returns how many expired keys were deleted */
  deleteExpired(): Promise<number> {
    return deleteInBatches(this.dataSource, IdempotencyKey, `created_at <= ${this.expiry()}`);
  }

  /**
   * Inserts the key, or takes over its row when it has expired. On PostgreSQL the statement waits
   * for a concurrent transaction that has claimed the key, up to `lock_timeout`. An instance of the
   * previous release has stored a key that it was sent in quotes with the quotes.
   * @returns false when the key belongs to an earlier request; its row is locked then
   */
  private async claim(
    { manager }: Transaction,
    { userId, route, key, body }: KeyedRequest,
  ): Promise<boolean> {
    const statement = manager.dataSource.driver.escapeQueryWithParameters(
      // The response is stored before the commit, so no other transaction reads these values.
      `INSERT INTO idempotency_keys
         (user_id, route, key, fingerprint, status, location, etag, body, created_at)
       SELECT :userId, :route, :key, :fingerprint, 0, '', '', '', ${databaseTime(this.dataSource)}
       WHERE NOT EXISTS (
         SELECT 1 FROM idempotency_keys WHERE user_id = :userId AND route = :route
           AND key = :quotedKey AND created_at > ${this.expiry()}
       )
       ON CONFLICT (user_id, route, key) DO UPDATE SET
         fingerprint = excluded.fingerprint, created_at = excluded.created_at
       WHERE idempotency_keys.created_at <= ${this.expiry()}
       RETURNING status`,
      { userId, route, key, quotedKey: quoteIdempotencyKey(key), fingerprint: fingerprintOf(body) },
    );
    try {
      const claimed: unknown[] = await manager.query(...statement);
      return claimed.length > 0;
    } catch (error) {
      throw isLockTimeout(error) ? new IdempotencyInProgressError(error) : error;
    }
  }

  private async storedResponse<Body extends object>(
    { manager }: Transaction,
    { userId, route, key, body }: KeyedRequest,
  ): Promise<RouteResult<Body>> {
    const stored = await manager.findOneOrFail(IdempotencyKey, {
      where: [key, quoteIdempotencyKey(key)].map((stored) => ({ userId, route, key: stored })),
      order: { createdAt: 'DESC' },
    });
    if (stored.fingerprint !== fingerprintOf(body)) throw new IdempotencyKeyReusedError();
    return new RouteResult(JSON.parse(stored.body) as Body, {
      status: stored.status || undefined,
      location: stored.location || undefined,
      etag: stored.etag || undefined,
      headers: { 'Idempotent-Replayed': 'true' },
    });
  }

  private async store(
    { manager }: Transaction,
    { userId, route, key }: KeyedRequest,
    { body, extras: { status = 0, location = '', etag = '' } }: RouteResult<object>,
  ): Promise<void> {
    const response = { status, location, etag, body: JSON.stringify(body) };
    await manager.update(IdempotencyKey, { userId, route, key }, response);
  }

  private expiry(): string {
    return databaseTime(this.dataSource, -KEY_LIFETIME_SECONDS);
  }
}
