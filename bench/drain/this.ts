/**
 * The job of the build, in a process without HTTP: histories and log lines as usual, and a step
 * without work.
 */
import { join } from 'node:path';
import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { insertOrders, insertUsers } from '../seed';
import { measureQueue } from './measure-queue';

/** A file that `npm run build` made: it is required at run time, because that is what is measured. */
function built(file: string): string {
  return join(__dirname, '..', '..', '..', 'dist', 'src', file);
}

interface Config {
  readonly logging: object;
}

const { AppModule } = require(built('app.module.js')) as {
  AppModule: { forRoot(config: Config, extensions: { modules: Type[] }): DynamicModule };
};
const { loadServerConfig } = require(built('config/dotenv-config.js')) as {
  loadServerConfig: () => Config;
};
const { createLog } = require(built('logging/logger.js')) as {
  createLog: (config: object) => { readonly logger: object };
};
const { PinoNestLogger } = require(built('logging/pino-nest-logger.js')) as {
  PinoNestLogger: new (logger: object) => LoggerService;
};
const { OrderProcessor } = require(built('jobs/order-processor.js')) as {
  OrderProcessor: Type<{ runOnce(): Promise<number> }>;
};
const { RegisterFulfilmentStep, succeeded } = require(built('jobs/fulfilment-step.js')) as {
  RegisterFulfilmentStep: (options: { position: number }) => ClassDecorator;
  succeeded: object;
};

@RegisterFulfilmentStep({ position: 1 })
class StepWithoutWork {
  readonly name = 'without work';

  fulfil(): Promise<object> {
    return Promise.resolve(succeeded);
  }
}

@Module({ providers: [StepWithoutWork] })
class StepModule {}

async function measure(): Promise<void> {
  const config = loadServerConfig();
  const app = await NestFactory.createApplicationContext(
    AppModule.forRoot(config, { modules: [StepModule] }),
    { logger: new PinoNestLogger(createLog(config.logging).logger) },
  );
  const database = app.get(DataSource);
  const isPostgres = database.options.type === 'postgres';
  const execute = async (sql: string) => {
    for (const statement of sql.split(';')) await database.query(statement);
  };
  await measureQueue({
    prepare: async (count) => {
      if (process.env['BENCH_KEEP_ORDERS'] !== 'true') {
        await execute('DELETE FROM order_history; DELETE FROM orders; DELETE FROM users');
        await execute(insertUsers(''));
      }
      await execute(insertOrders(count));
      if (isPostgres) await execute('VACUUM ANALYZE orders; VACUUM ANALYZE order_history');
    },
    drain: () => app.get(OrderProcessor).runOnce(),
    findBackends: isPostgres ? (sql) => database.query(sql) : undefined,
  });
  await app.close();
}

void measure();
