import { Injectable } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import type { LRUCache } from 'lru-cache';
import type { DataSource, Repository } from 'typeorm';
import type { AuthenticatedUser } from '../api/access.decorators';
import { boundedCache } from '../common/bounded-cache';
import { Clock } from '../common/clock';
import { databaseTime } from '../database/database-time';
import { UsersService } from '../users/users.service';
import { Session } from './session.entity';

/** How long an instance may serve a session that another instance has ended, in milliseconds. */
const MAX_AGE_MS = 5_000;

const MAX_ENTRIES = 10_000;

/** `user: null` is cached too, because an ended session never becomes valid again. */
interface Entry {
  readonly user: AuthenticatedUser | null;
}

/** Finds the user of a session, in most cases without a query of the database. */
@Injectable()
export class LiveSessions {
  private readonly entries: LRUCache<string, Entry>;
  /** Concurrent requests of a session share one load; the query timeouts bound each load. */
  private readonly loads = new Map<string, Promise<AuthenticatedUser | null>>();

  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly users: UsersService,
    clock: Clock,
  ) {
    this.entries = boundedCache(MAX_ENTRIES, {
      ttl: MAX_AGE_MS,
      perf: { now: () => clock.monotonicMs() },
    });
  }

  /** @returns null when the session has ended or expired */
  async findUser(key: string): Promise<AuthenticatedUser | null> {
    const cached = this.entries.get(key);
    if (cached) return cached.user;
    let load = this.loads.get(key);
    if (!load) {
      load = this.loadIntoCache(key).finally(() => {
        if (this.loads.get(key) === load) this.loads.delete(key);
      });
      this.loads.set(key, load);
    }
    return load;
  }

  /** From now on this instance rejects the tokens of the sessions. */
  markEnded(sessions: readonly Pick<Session, 'key'>[]): void {
    for (const { key } of sessions) {
      this.entries.set(key, { user: null });
      this.loads.delete(key); // a running load may have read the session before it ended
    }
  }

  private async loadIntoCache(key: string): Promise<AuthenticatedUser | null> {
    const user = await this.load(key);
    // This instance may have ended the session while it was loaded.
    const entry = this.entries.get(key) ?? { user };
    this.entries.set(key, entry);
    return entry.user;
  }

  private async load(key: string): Promise<AuthenticatedUser | null> {
    const session = await this.sessions
      .createQueryBuilder('session')
      .where({ key })
      .andWhere(`session.expires_at > ${databaseTime(this.dataSource)}`)
      .getOne();
    const user = session && (await this.users.findById(session.userId));
    return user && { id: user.id, role: user.role, sessionId: session.id };
  }
}
