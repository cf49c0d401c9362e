import { Logger } from '@nestjs/common';
import { loadConfig } from '../../src/config/app-config';
import { createDataSource, dataSourceOptions } from '../../src/database/data-source';
import { migrate } from '../../src/database/migrate';
import { POSTGRES_TEMPLATE, type TestDatabase, createPostgresDatabase } from './test-database';

let template: TestDatabase | undefined;

/** Creates the migrated database that the suites copy. Jest calls it once, before the first suite. */
export async function createPostgresTemplate(): Promise<void> {
  Logger.overrideLogger(['warn', 'error']);
  template = await createPostgresDatabase();
  const { target } = loadConfig(template.environment).database;
  const dataSource = await createDataSource(dataSourceOptions(target)).initialize();
  try {
    await migrate(dataSource);
  } finally {
    await dataSource.destroy();
  }
  process.env[POSTGRES_TEMPLATE] = new URL(template.environment['DATABASE_URL']!).pathname.slice(1);
}

/** Jest calls it after the last suite. */
export async function dropPostgresTemplate(): Promise<void> {
  await template?.drop();
}
