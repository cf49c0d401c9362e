import { Injectable, Logger } from '@nestjs/common';
import { TypeOrmHealthIndicator } from '@nestjs/terminus';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { ShutdownState } from '../common/shutdown-state';
import { hasPendingMigrations } from '../database/migrate';
import type { HealthResponse } from './health.dto';
import { type FailedChecks, NotReadyError } from './health.errors';

/** How long the database may take to answer, in milliseconds. */
const DATABASE_TIMEOUT_MS = 1_000;

/** Checks whether this instance can serve requests, and logs each change. */
@Injectable()
export class ReadinessService {
  private readonly logger = new Logger(ReadinessService.name);
  /** Only a new build adds migrations, so they are not looked up again once none is pending. */
  private isMigrated = false;
  /** The failure that the previous check has found; empty when there was none. */
  private lastFailure = '';

  constructor(
    private readonly database: TypeOrmHealthIndicator,
    private readonly shutdown: ShutdownState,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws NotReadyError */
  async check(): Promise<HealthResponse> {
    const { failed, reason } = await this.findFailure();
    this.logChange(failed, reason);
    if (failed) throw new NotReadyError(failed);
    return { status: 'ok' };
  }

  private async findFailure(): Promise<{ failed?: FailedChecks; reason?: string }> {
    if (this.shutdown.isShuttingDown) return { failed: { shutdown: 'begun' } };
    const { database } = await this.database
      .pingCheck('database', { connection: this.dataSource })
      .withTimeout(DATABASE_TIMEOUT_MS);
    if (database.status === 'down')
      return { failed: { database: 'down' }, reason: database.message };
    try {
      this.isMigrated ||= !(await hasPendingMigrations(this.dataSource));
    } catch (error) {
      return { failed: { database: 'down' }, reason: String(error) };
    }
    return this.isMigrated ? {} : { failed: { migrations: 'pending' } };
  }

  private logChange(failed: FailedChecks | undefined, reason?: string): void {
    const failure = Object.entries(failed ?? {})
      .map(([check, state]) => `${check} ${state}`)
      .join(', ');
    if (failure === this.lastFailure) return;
    this.lastFailure = failure;
    if (failed) this.logger.warn({ msg: `Not ready: ${failure}`, checks: failed, reason });
    else this.logger.log('Ready again');
  }
}
