import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

declare global {
  /** The database on which the suites run; the Jest project sets it. */
  var TEST_DATABASE: 'sqlite' | 'postgres';
}

/**
 * The variable in which the processes of a run find the name of the migrated PostgreSQL database that
 * they copy.
 */
export const POSTGRES_TEMPLATE = 'TEST_POSTGRES_TEMPLATE';

/** The database of one suite, which drops it at the end. */
export interface TestDatabase {
  /** The environment variables with which the application uses it. */
  readonly environment: Record<string, string>;
  drop(): Promise<void>;
}

export function isPostgres(): boolean {
  return globalThis.TEST_DATABASE === 'postgres';
}

/** Creates a database without tables. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return isPostgres() ? createPostgresDatabase() : createSqliteDatabase();
}

/**
 * Creates a database for an application, which runs the pending migrations at its start. On PostgreSQL,
 * where all of them take longer than the rest of a start, it is the copy of a migrated one.
 */
export function createTestDatabase(): Promise<TestDatabase> {
  return isPostgres()
    ? createPostgresDatabase(process.env[POSTGRES_TEMPLATE])
    : createSqliteDatabase();
}

async function createSqliteDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'orders-test-'));
  return {
    environment: { DATABASE_PATH: join(folder, 'orders.db') },
    drop: () => rm(folder, { recursive: true }),
  };
}

/** The server on which the PostgreSQL suites create their databases. */
const SERVER_URL =
  process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres:postgres@127.0.0.1:5432/postgres';

export async function createPostgresDatabase(template = 'template1'): Promise<TestDatabase> {
  const name = `orders_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = new URL(SERVER_URL);
  url.pathname = `/${name}`;
  return {
    environment: { DATABASE_URL: url.href },
    drop: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: SERVER_URL });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
