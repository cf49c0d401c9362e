import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

declare global {
  /** The database on which the suites run; the Jest project sets it. */
  var TEST_DATABASE: 'sqlite' | 'postgres';
}

/** The database of one suite, which drops it at the end. */
export interface TestDatabase {
  /** The environment variables with which the application uses it. */
  readonly environment: Record<string, string>;
  drop(): Promise<void>;
}

export function isPostgres(): boolean {
  return globalThis.TEST_DATABASE === 'postgres';
}

export function createTestDatabase(): Promise<TestDatabase> {
  return isPostgres() ? createPostgresDatabase() : createSqliteDatabase();
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

export async function createPostgresDatabase(): Promise<TestDatabase> {
  const name = `orders_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(`CREATE DATABASE ${name}`);
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
