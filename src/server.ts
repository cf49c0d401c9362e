import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type pino from 'pino';
import { AppModule, type Extensions } from './app.module';
import { APP_OPTIONS, setUpApp } from './app.setup';
import { BoundedHttpAdapter } from './http/http-server';
import { createLogger, logConsole } from './logging/logger';
import { PinoNestLogger } from './logging/pino-nest-logger';
import type { AppConfig } from './config/app-config';
import { readConfig } from './config/start-config';
import { lockForServer } from './database/sqlite/sqlite-server-lock';
import { logFailedStart, logShutdown, logStart } from './start-and-shutdown-log';
import { shutDownOnUncaughtErrors } from './uncaught-errors';

/** Until the configuration is known, and when it cannot be. */
const LOG_WITHOUT_CONFIG = { level: 'fatal', file: undefined } as const;

/**
 * Starts the server with the configuration of the environment. When it cannot start, that is
 * logged, and the process ends.
 */
export async function runServer(extensions?: Extensions): Promise<void> {
  let logger: pino.Logger | undefined;
  try {
    const config = readConfig();
    logger = createLogger(config.logging);
    logConsole(logger);
    logStart(logger, config);
    await serve(config, logger, extensions);
  } catch (error) {
    logger ??= createLogger(LOG_WITHOUT_CONFIG);
    logFailedStart(logger, error);
    process.exitCode = 1;
  }
}

async function serve(
  config: AppConfig,
  logger: pino.Logger,
  extensions?: Extensions,
): Promise<void> {
  const useForShutdown = shutDownOnUncaughtErrors(logger);
  // Taken before anything uses the database, and held until the process ends.
  process.once('exit', await lockForServer(config.database.target));
  const root = AppModule.forRoot(config, extensions);
  const app = await NestFactory.create<NestExpressApplication>(root, new BoundedHttpAdapter(), {
    ...APP_OPTIONS,
    logger: new PinoNestLogger(logger),
  });
  useForShutdown(app);
  setUpApp(app, logger);
  logShutdown(logger);
  try {
    await app.listen(config.http.port, config.http.host);
  } catch (error) {
    await app.close(); // or the job would go on
    throw error;
  }

  const log = new Logger('Server');
  log.log(`Listening on ${await app.getUrl()}, documentation at /docs`);
}
