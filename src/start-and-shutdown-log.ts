import type { Logger } from 'pino';
import { messageOf } from './common/message-of';
import { packageVersion } from './common/package-file';
import { printToStderr } from './common/print-to-stderr';
import type { AppConfig } from './config/app-config';
import { InvalidEnvironmentError } from './config/config.errors';
import { databaseLocation } from './database/database-location';
import { DELAYED_SHUTDOWN_SIGNAL } from './common/shutdown-state';
import { SHUTDOWN_SIGNALS } from './shutdown-signals';

const CONTEXT = { context: 'Server' } as const;

/** Logs the settings that operators most often need to check, without secrets. */
export function logStart(logger: Logger, config: AppConfig): void {
  const { nodeEnv, auth, database, backups, rateLimits, tracing, processing } = config;
  const version = packageVersion();
  logger.info(
    {
      ...CONTEXT,
      version,
      node: process.version,
      environment: nodeEnv,
      database: databaseLocation(database.target),
      migrate_on_start: database.migrateOnStart,
      backups: backups.directory === undefined ? null : backups.cron,
      redis: rateLimits.redisUrl === undefined ? null : new URL(rateLimits.redisUrl).host,
      traces: tracing === undefined ? null : new URL(tracing.url).origin,
      processing: processing.enabled ? processing.cron : null,
    },
    `Version ${version} starts on Node.js ${process.version}`,
  );
  for (const warning of auth.secretWarnings) logger.warn(CONTEXT, warning);
  if (nodeEnv === 'production' && database.target.kind === 'sqlite') {
    logger.warn(
      CONTEXT,
      'An SQLite file serves one instance: several instances, including those that only process orders, need DATABASE_URL',
    );
  }
}

/** Logs why the server could not start. Problems of the configuration are also written to stderr. */
export function logFailedStart(logger: Logger, error: unknown): void {
  if (error instanceof InvalidEnvironmentError) {
    printToStderr(error.message);
    const { problems } = error;
    logger.fatal({ ...CONTEXT, problems }, 'The server could not start: invalid configuration');
    return;
  }
  logger.fatal({ ...CONTEXT, err: error }, `The server could not start: ${messageOf(error)}`);
}

/**
 * Logs the signal that starts the shutdown, and the end of the process.
 * @param onFurther is called for each further signal
 */
export function logShutdownSignals(
  logger: Logger,
  { http }: AppConfig,
  onFurther: () => void,
): void {
  let startedAt: number | undefined;
  for (const signal of SHUTDOWN_SIGNALS) {
    process.on(signal, () => {
      if (startedAt !== undefined) {
        onFurther();
        return;
      }
      const beginning = (startedAt = performance.now());
      const delay = signal === DELAYED_SHUTDOWN_SIGNAL && { delay_ms: http.shutdownDelayMs };
      logger.info({ ...CONTEXT, ...delay }, `Shutdown begins: ${signal}`);
      // Runs before the listener that writes the last lines of the log.
      process.prependListener('exit', (code) => {
        const context = { ...CONTEXT, duration_ms: Math.round(performance.now() - beginning) };
        if (code === 0) logger.info(context, 'Shutdown is complete');
        else logger.error(context, `Shutdown ends with code ${code}`);
      });
    });
  }
}
