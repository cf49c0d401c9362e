import type { Logger } from 'pino';
import { packageVersion } from './common/package-version';
import type { AppConfig } from './config/app-config';
import { InvalidEnvironmentError } from './config/config.errors';
import { databaseLocation } from './database/database-location';
import { SHUTDOWN_SIGNALS } from './shutdown-signals';

const CONTEXT = { context: 'Server' } as const;

/** Logs what the server starts with: enough to notice a wrong setting, and never a secret. */
export function logStart(logger: Logger, config: AppConfig): void {
  const { nodeEnv, auth, database, rateLimits, processing } = config;
  const version = packageVersion();
  logger.info(
    {
      ...CONTEXT,
      version,
      node: process.version,
      environment: nodeEnv,
      database: databaseLocation(database.target),
      migrate_on_start: database.migrateOnStart,
      redis: rateLimits.redisUrl === undefined ? null : new URL(rateLimits.redisUrl).host,
      processing: processing.enabled ? processing.cron : null,
    },
    `Version ${version} starts on Node.js ${process.version}`,
  );
  for (const warning of auth.secretWarnings) logger.warn(CONTEXT, warning);
  if (nodeEnv === 'production' && database.target.kind === 'sqlite') {
    logger.warn(
      CONTEXT,
      'An SQLite file belongs to one instance: several, also those that only process orders, need DATABASE_URL',
    );
  }
}

/** Logs why the server could not start. A bad configuration is written for people too, on stderr. */
export function logFailedStart(logger: Logger, error: unknown): void {
  if (error instanceof InvalidEnvironmentError) {
    process.stderr.write(`${error.message}\n`);
    const { problems } = error;
    logger.fatal({ ...CONTEXT, problems }, 'The server could not start: invalid configuration');
    return;
  }
  const reason = error instanceof Error ? error.message : String(error);
  logger.fatal({ ...CONTEXT, err: error }, `The server could not start: ${reason}`);
}

/** Logs when a signal begins the shutdown, and when the process ends. */
export function logShutdown(logger: Logger): void {
  let startedAt: number | undefined;
  for (const signal of SHUTDOWN_SIGNALS) {
    process.on(signal, () => {
      if (startedAt !== undefined) return;
      const beginning = (startedAt = performance.now());
      logger.info(CONTEXT, `Shutdown begins: ${signal}`);
      // Before the listener with which the log writes its last lines.
      process.prependListener('exit', (code) => {
        const duration = { duration_ms: Math.round(performance.now() - beginning) };
        if (code === 0) logger.info({ ...CONTEXT, ...duration }, 'Shutdown is complete');
        else logger.error({ ...CONTEXT, ...duration }, `Shutdown ends with code ${code}`);
      });
    });
  }
}
