import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { ApiModule } from './api/api.module';
import { AuthModule } from './auth/auth.module';
import { JwtAuthGuard } from './auth/jwt-auth.guard';
import { RolesGuard } from './auth/roles.guard';
import { BackupsModule } from './backups/backups.module';
import { CommonModule } from './common/common.module';
import { NoTracing, type Tracing } from './common/tracing';
import type { Log } from './logging/logger';
import { LoggingModule } from './logging/logging.module';
import type { ProblemCatalogue } from './errors/problem-catalogue';
import { MergePatchGuard } from './http/merge-patch.guard';
import { UnexpectedQueryGuard } from './http/unexpected-query.guard';
import type { AppConfig } from './config/app-config';
import { ConfigModule } from './config/config.module';
import { DatabaseModule, type MigrationClass } from './database/database.module';
import { EventsModule } from './events/events.module';
import { HealthModule } from './health/health.module';
import { JobsModule } from './jobs/jobs.module';
import { MetricsModule } from './metrics/metrics.module';
import { OrdersModule } from './orders/orders.module';
import { ProblemsModule } from './problems/problems.module';
import { ConcurrencyLimitGuard } from './rate-limits/concurrency-limit.guard';
import { OnePerUserGuard } from './rate-limits/one-per-user.guard';
import { RateLimitGuard } from './rate-limits/rate-limit.guard';
import { RateLimitsModule } from './rate-limits/rate-limits.module';
import { StatisticsModule } from './statistics/statistics.module';
import { TracingModule } from './tracing/tracing.module';
import { UsersModule } from './users/users.module';
import { WebhooksModule } from './webhooks/webhooks.module';

/** What another team adds to the application. */
export interface Extensions {
  readonly modules?: NonNullable<ModuleMetadata['imports']>;
  /** Run with the migrations of this application, in the order of their timestamps. */
  readonly migrations?: readonly MigrationClass[];
  /** Described at `GET /problems/{code}`. */
  readonly problems?: ProblemCatalogue;
}

/** What belongs to the process rather than to the application. */
export interface ProcessServices {
  readonly tracing?: Tracing;
  /** Is drained at the end of the shutdown. */
  readonly log?: Pick<Log, 'drain'>;
}

/** The root module. Guards run in the order of the list. */
@Module({})
export class AppModule {
  static forRoot(
    config: AppConfig,
    { modules = [], migrations = [], problems = {} }: Extensions = {},
    { tracing = new NoTracing(), log }: ProcessServices = {},
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ...(log ? [LoggingModule.forRoot(log)] : []),
        ConfigModule.forRoot(config),
        CommonModule,
        MetricsModule.forRoot(config),
        TracingModule.forRoot(tracing),
        ApiModule,
        DatabaseModule.forRoot(migrations),
        EventEmitterModule.forRoot(),
        ScheduleModule.forRoot(),
        RateLimitsModule,
        UsersModule,
        AuthModule,
        OrdersModule,
        JobsModule,
        EventsModule,
        StatisticsModule,
        WebhooksModule,
        BackupsModule.forRoot(config),
        HealthModule,
        ProblemsModule.forRoot(problems),
        ...modules,
      ],
      providers: [
        { provide: APP_GUARD, useClass: JwtAuthGuard },
        { provide: APP_GUARD, useClass: RateLimitGuard },
        { provide: APP_GUARD, useClass: ConcurrencyLimitGuard },
        { provide: APP_GUARD, useClass: RolesGuard },
        { provide: APP_GUARD, useClass: OnePerUserGuard },
        { provide: APP_GUARD, useClass: UnexpectedQueryGuard },
        { provide: APP_GUARD, useClass: MergePatchGuard },
      ],
    };
  }
}
