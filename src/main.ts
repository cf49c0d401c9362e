import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type pino from 'pino';
import { AppModule } from './app.module';
import { APP_OPTIONS, setUpApp } from './app.setup';
import { PinoNestLogger, createLogger } from './common/logging';
import type { AppConfig } from './config/app-config';
import { startConfig } from './config/start-config';

async function serve(config: AppConfig, logger: pino.Logger): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config), {
    ...APP_OPTIONS,
    logger: new PinoNestLogger(logger),
  });
  setUpApp(app, logger);
  await app.listen(config.http.port, config.http.host);

  const log = new Logger('Server');
  if (config.auth.secretIsTemporary) {
    log.warn('JWT_SECRET is not set: tokens will be worthless after a restart');
  }
  log.log(`Listening on ${await app.getUrl()}, documentation at /docs`);
}

const config = startConfig();
const logger = createLogger(config.logging);
serve(config, logger).catch((error: unknown) => {
  logger.fatal({ err: error }, 'The server could not start');
  process.exitCode = 1;
});
