import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { messageOf } from '../common/message-of';
import { ShutdownState } from '../common/shutdown-state';
import { DatabaseProbe } from '../database/database-probe';
import { hasPendingMigrations } from '../database/migrate';
import { withProbeTimeout } from '../database/probe-timeout';
import type { HealthResponse } from './health.dto';
import { type FailedChecks, NotReadyError } from './health.errors';

/** Checks whether this instance can serve requests, and logs each change of the result. */
@Injectable()
export class ReadinessService implements OnApplicationBootstrap {
  private readonly logger = new Logger(ReadinessService.name);
  /** Stays true: only a new build adds migrations. */
  private isMigrated = false;
  private lookup: Promise<void> | undefined;
  /** The failure that the previous check found; empty if it found none. */
  private lastFailure = '';

  constructor(
    private readonly probe: DatabaseProbe,
    private readonly shutdown: ShutdownState,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Before the first request, because under load the first probe would wait for a connection. */
  async onApplicationBootstrap(): Promise<void> {
    await this.lookUpMigrations().catch(() => undefined);
  }

  /** @throws NotReadyError */
  async check(): Promise<HealthResponse> {
    const { failed, reason } = await this.findFailure();
    this.logChange(failed, reason);
    if (failed) throw new NotReadyError(failed);
    return { status: 'ok' };
  }

  private async findFailure(): Promise<{ failed?: FailedChecks; reason?: string }> {
    if (this.shutdown.isShuttingDown) return { failed: { shutdown: 'begun' } };
    try {
      await this.probe.ping();
      if (!this.isMigrated) await withProbeTimeout(this.lookUpMigrations());
    } catch (error) {
      return { failed: { database: 'down' }, reason: messageOf(error) };
    }
    return this.isMigrated ? {} : { failed: { migrations: 'pending' } };
  }

  /** One lookup at a time. */
  private lookUpMigrations(): Promise<void> {
    this.lookup ??= hasPendingMigrations(this.dataSource)
      .then((arePending) => void (this.isMigrated = !arePending))
      .finally(() => (this.lookup = undefined));
    return this.lookup;
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
