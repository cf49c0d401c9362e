import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { DomainError } from '../errors/domain-error';
import { databaseTime } from '../database/database-time';
import { deleteInBatches } from '../database/delete-in-batches';
import { isLockTimeout } from '../database/postgres/postgres.errors';
import type { Answer } from '../orders/answer';
import { IdempotencyKey } from './idempotency-key.entity';
import { IdempotencyInProgressError, IdempotencyKeyReusedError } from './idempotency.errors';

const KEPT_FOR_SECONDS = 24 * 60 * 60;

/** A request that its client may send again without having it done again. */
export interface IdempotentRequest {
  readonly userId: number;
  /** Method and path. */
  readonly route: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** Keeps an answer, in the transaction that does what the answer tells of. */
export type RecordAnswer = (manager: EntityManager, answer: Answer<object>) => Promise<void>;

/** Thrown to roll the second doing of a request back. */
class AnsweredBefore extends Error {
  constructor(readonly stored: IdempotencyKey) {
    super('The request was answered before');
  }
}

/**
 * Identifies a validated body: the order of its fields and the notation of its values do not count.
 * For flat bodies only.
 */
export function fingerprintOf(body: object): string {
  const fields = Object.entries(body).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/** Sees to it that a request with an idempotency key is done once. Keys are kept for 24 hours. */
@Injectable()
export class IdempotencyKeys {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Performs a request, or answers as it was answered before. `perform` does everything in one
   * transaction, and calls `record` with its manager: either all of it remains, or nothing.
   * @throws IdempotencyKeyReusedError when the key was used for another body
   * @throws IdempotencyInProgressError when the same request is taking its time elsewhere
   */
  async once<Body extends object>(
    request: IdempotentRequest,
    perform: (record: RecordAnswer) => Promise<Answer<Body>>,
  ): Promise<Answer<Body>> {
    try {
      return await perform((manager, answer) => this.record(manager, request, answer));
    } catch (error) {
      const stored = await this.storedAfter(error, request);
      if (!stored) throw error;
      const { status, location, etag, body } = stored;
      return { status, location, etag, body: JSON.parse(body) as Body, isReplayed: true };
    }
  }

  /** @returns how many expired keys were deleted */
  deleteExpired(): Promise<number> {
    return deleteInBatches(this.dataSource, IdempotencyKey, `created_at <= ${this.expiry()}`);
  }

  /**
   * Finds the response to an earlier request with the key. A new request may be refused before it
   * claims the key, for example at the limit of open orders; a repeated one is not.
   * @throws IdempotencyKeyReusedError
   */
  private async storedAfter(
    error: unknown,
    request: IdempotentRequest,
  ): Promise<IdempotencyKey | undefined> {
    if (error instanceof AnsweredBefore) return error.stored;
    if (!(error instanceof DomainError)) return undefined;
    const { userId, route, key, fingerprint } = request;
    const stored = await this.dataSource.manager
      .createQueryBuilder(IdempotencyKey, 'stored')
      .where({ userId, route, key })
      .andWhere(`stored.created_at > ${this.expiry()}`)
      .getOne();
    if (stored && stored.fingerprint !== fingerprint) throw new IdempotencyKeyReusedError();
    return stored ?? undefined;
  }

  private async record(
    manager: EntityManager,
    request: IdempotentRequest,
    answer: Answer<object>,
  ): Promise<void> {
    if (await this.claim(manager, request, answer)) return;
    // The claim has locked the row on PostgreSQL, so it is still there.
    const { userId, route, key, fingerprint } = request;
    const stored = await manager.findOneByOrFail(IdempotencyKey, { userId, route, key });
    if (stored.fingerprint !== fingerprint) throw new IdempotencyKeyReusedError();
    throw new AnsweredBefore(stored);
  }

  /**
   * One statement, which takes an expired key for none. On PostgreSQL it waits for a transaction
   * that has claimed the key and is not at its end.
   * @returns false when the key is taken
   */
  private async claim(
    manager: EntityManager,
    request: IdempotentRequest,
    { status, location, etag, body }: Answer<object>,
  ): Promise<boolean> {
    const statement = manager.dataSource.driver.escapeQueryWithParameters(
      `INSERT INTO idempotency_keys
         (user_id, route, key, fingerprint, status, location, etag, body, created_at)
       VALUES (:userId, :route, :key, :fingerprint, :status, :location, :etag, :body,
         ${databaseTime(this.dataSource)})
       ON CONFLICT (user_id, route, key) DO UPDATE SET
         fingerprint = excluded.fingerprint, status = excluded.status,
         location = excluded.location, etag = excluded.etag, body = excluded.body,
         created_at = excluded.created_at
       WHERE idempotency_keys.created_at <= ${this.expiry()}
       RETURNING status`,
      { ...request, status, location, etag, body: JSON.stringify(body) },
    );
    try {
      const claimed: unknown[] = await manager.query(...statement);
      return claimed.length > 0;
    } catch (error) {
      throw isLockTimeout(error) ? new IdempotencyInProgressError(error) : error;
    }
  }

  private expiry(): string {
    return databaseTime(this.dataSource, -KEPT_FOR_SECONDS);
  }
}
