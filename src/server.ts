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
import { loadServerConfig } from './config/dotenv-config';
import { lockForServer } from './database/sqlite/sqlite-server-lock';
import { logFailedStart, logShutdownSignals, logStart } from './start-and-shutdown-log';
import { shutDownOnUncaughtErrors } from './uncaught-errors';

/** Starts the server. A failed start is logged and ends the process with exit code 1. */
export async function runServer(extensions?: Extensions): Promise<void> {
  let logger: pino.Logger | undefined;
  try {
    const config = loadServerConfig();
    logger = createLogger(config.logging);
    logConsole(logger);
    logStart(logger, config);
    await serve(config, logger, extensions);
  } catch (error) {
    logger ??= createLogger({ level: 'fatal', file: undefined }); // the configuration is not loaded
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
  // Locked before the database is opened, until the process ends.
  process.once('exit', await lockForServer(config.database.target));
  const root = AppModule.forRoot(config, extensions);
  const app = await NestFactory.create<NestExpressApplication>(root, new BoundedHttpAdapter(), {
    ...APP_OPTIONS,
    logger: new PinoNestLogger(logger),
  });
  useForShutdown(app);
  setUpApp(app, logger);
  logShutdownSignals(logger);
  try {
    await app.listen(config.http.port, config.http.host);
  } catch (error) {
    await app.close(); // stops the job
    throw error;
  }

  const log = new Logger('Server');
  log.log(`Listening on ${await app.getUrl()}, documentation at /docs`);
}
