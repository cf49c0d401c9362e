import { Injectable } from '@nestjs/common';
import {
  HealthCheckService,
  type HealthIndicatorResult,
  HealthIndicatorService,
  TypeOrmHealthIndicator,
} from '@nestjs/terminus';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { ServiceUnavailableError } from '../common/common.errors';
import { ShutdownState } from '../common/shutdown-state';
import { hasPendingMigrations } from '../database/migrate';
import type { HealthResponse } from './health.dto';

/** How long the database may take to answer, in milliseconds. */
const DATABASE_TIMEOUT_MS = 1_000;

/** Tells whether this instance can serve requests. */
@Injectable()
export class ReadinessService {
  /** Migrations are only ever added by a new build, so they are looked up until none is pending. */
  private isMigrated = false;

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly shutdown: ShutdownState,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws ServiceUnavailableError, ServiceUnavailableException */
  async check(): Promise<HealthResponse> {
    if (this.shutdown.isShuttingDown) throw new ServiceUnavailableError();
    await this.health.check([
      () => this.database.pingCheck('database', { timeout: DATABASE_TIMEOUT_MS }),
      () => this.checkMigrations(),
    ]);
    return { status: 'ok' };
  }

  private async checkMigrations(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('migrations');
    this.isMigrated ||= !(await hasPendingMigrations(this.dataSource));
    return this.isMigrated ? indicator.up() : indicator.down('pending');
  }
}
