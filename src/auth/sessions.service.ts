import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import type { DataSource, Repository } from 'typeorm';
import type { AuthenticatedUser } from '../api/access.decorators';
import { AppConfig } from '../config/app-config';
import { databaseTime } from '../database/database-time';
import { deleteInBatches } from '../database/delete-in-batches';
import { insertReturning } from '../database/returning';
import type { Transaction } from '../database/transactions';
import { InvalidTokenError } from '../errors/common.errors';
import { SessionNotFoundError } from './auth.errors';
import type { Client } from './client.decorator';
import { LiveSessions } from './live-sessions';
import { deleteSessions, lockSessions } from './session-locks';
import { renewSession } from './session-renewal';
import { Session } from './session.entity';

const MAX_SESSIONS_PER_USER = 100;

/** Starts, lists and ends sessions. Ending a session deletes its row. */
@Injectable()
export class SessionsService {
  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly liveSessions: LiveSessions,
    private readonly config: AppConfig,
  ) {}

  /** Starts a session, and ends the least recently refreshed one when the user has too many. */
  async start(tx: Transaction, userId: number, client: Client): Promise<Session> {
    const { refreshTokenSeconds, sessionSeconds } = this.config.auth;
    const session = await insertReturning<Session>(tx.manager, Session, {
      ...client,
      userId,
      key: randomUUID(),
      generation: 0,
      createdAt: () => this.inSeconds(0),
      refreshedAt: () => this.inSeconds(0),
      expiresAt: () => this.inSeconds(refreshTokenSeconds),
      endsAt: () => this.inSeconds(sessionSeconds),
    });
    await this.endIn(
      tx,
      `user_id = :userId AND id NOT IN (
        SELECT id FROM sessions WHERE user_id = :userId
        ORDER BY refreshed_at DESC, id DESC LIMIT ${MAX_SESSIONS_PER_USER})`,
      { userId },
    );
    return session;
  }

  /** Lists the unexpired sessions of a user, the most recently refreshed first. */
  async list(userId: number): Promise<Session[]> {
    return this.sessions
      .createQueryBuilder('session')
      .where({ userId })
      .andWhere(`session.expires_at > ${this.inSeconds(0)}`)
      .orderBy({ 'session.refreshedAt': 'DESC', 'session.id': 'DESC' })
      .getMany();
  }

  /** @throws SessionNotFoundError also for a session of another user */
  async end(id: number, userId: number): Promise<void> {
    const ended = await this.endWhere('id = :id AND user_id = :userId', { id, userId });
    if (ended.length === 0) throw new SessionNotFoundError();
  }

  async endCurrent({ sessionId }: AuthenticatedUser): Promise<void> {
    await this.endWhere('id = :sessionId', { sessionId });
  }

  async endAll(userId: number): Promise<void> {
    await this.endWhere('user_id = :userId', { userId });
  }

  /** Ends all sessions of a user but the current one, which stays locked until the commit. */
  async endOthers(tx: Transaction, { id, sessionId }: AuthenticatedUser): Promise<void> {
    await lockSessions(tx.manager, id);
    await this.endIn(tx, 'user_id = :id AND id <> :sessionId', { id, sessionId });
  }

  /**
   * Gives the current session another key, which invalidates its earlier tokens. A concurrent
   * refresh either happens before, and then its tokens are invalidated too, or finds no session.
   * @throws InvalidTokenError when the session has ended since the request was authenticated
   */
  async replaceKey(tx: Transaction, { id, sessionId }: AuthenticatedUser): Promise<Session> {
    const current = await tx.manager.findOneBy(Session, { id: sessionId, userId: id });
    const next = { key: randomUUID(), generation: 0 };
    const renewed =
      current && (await renewSession(tx.manager, this.config, { key: current.key }, next));
    if (!renewed) throw new InvalidTokenError('session_ended');
    tx.afterCommit(() => this.liveSessions.markEnded([current]));
    return renewed;
  }

  /** @returns how many sessions were deleted */
  deleteExpired(): Promise<number> {
    return deleteInBatches(this.dataSource, Session, `expires_at <= ${this.inSeconds(0)}`);
  }

  private async endIn(tx: Transaction, condition: string, parameters: object): Promise<void> {
    const ended = await deleteSessions(tx.manager, condition, parameters);
    tx.afterCommit(() => this.liveSessions.markEnded(ended));
  }

  private async endWhere(condition: string, parameters: object): Promise<Session[]> {
    const ended = await deleteSessions(this.sessions.manager, condition, parameters);
    this.liveSessions.markEnded(ended);
    return ended;
  }

  private inSeconds(seconds: number): string {
    return databaseTime(this.dataSource, seconds);
  }
}
