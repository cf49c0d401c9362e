import { growYoungGeneration } from './heap-growth';
import { processTracing } from './tracing/process-tracing';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule, type Extensions } from './app.module';
import { APP_OPTIONS, setUpApp } from './app.setup';
import { BoundedHttpAdapter, HTTP_TIMEOUTS } from './http/http-server';
import { type Log, createLog, logConsole } from './logging/logger';
import { PinoNestLogger } from './logging/pino-nest-logger';
import { ShutdownState } from './common/shutdown-state';
import { NoTracing } from './common/tracing';
import type { AppConfig } from './config/app-config';
import { loadServerConfig } from './config/dotenv-config';
import { lockForServer } from './database/sqlite/sqlite-server-lock';
import { logFailedStart, logShutdownSignals, logStart } from './start-and-shutdown-log';
import { reopenLogOnHangup } from './shutdown-signals';
import { type Application, shutDownOnUncaughtErrors } from './uncaught-errors';

/** Starts the server. A failed start is logged and ends the process with exit code 1. */
export async function runServer(extensions?: Extensions): Promise<void> {
  let log: Log | undefined;
  try {
    const config = loadServerConfig();
    log = createLog(config.logging, processTracing?.logFields);
    processTracing?.logTo(log.logger);
    logConsole(log.logger);
    reopenLogOnHangup(log);
    logStart(log.logger, config);
    await serve(config, log, extensions);
  } catch (error) {
    log ??= createLog({ level: 'fatal', file: undefined }); // the configuration is not loaded
    logFailedStart(log.logger, error);
    process.exitCode = 1;
  }
}

async function serve(config: AppConfig, log: Log, extensions?: Extensions): Promise<void> {
  const { logger } = log;
  const useForShutdown = shutDownOnUncaughtErrors(logger);
  // Locked before the database is opened, until the process ends.
  process.once('exit', await lockForServer(config.database.target));
  const tracing = processTracing ?? new NoTracing();
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot(config, extensions, { tracing, log }),
    new BoundedHttpAdapter(HTTP_TIMEOUTS, tracing),
    { ...APP_OPTIONS, logger: new PinoNestLogger(logger) },
  );
  const shutdown = app.get(ShutdownState);
  useForShutdown({
    close: (cause) => {
      shutdown.endDelay();
      return (app as Application).close(cause);
    },
  });
  setUpApp(app, logger);
  logShutdownSignals(logger, config, () => shutdown.endDelay());
  try {
    await app.listen(config.http.port, config.http.host);
  } catch (error) {
    await app.close(); // stops the job
    throw error;
  }

  growYoungGeneration();
  new Logger('Server').log(`Listening on ${await app.getUrl()}, documentation at /docs`);
}
