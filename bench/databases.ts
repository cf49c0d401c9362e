import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Options } from './options';
import { run } from './processes';

export const DATABASE_KINDS = ['SQLite', 'PostgreSQL'] as const;
export type DatabaseKind = (typeof DATABASE_KINDS)[number];

/** The database of one contender. */
export interface Database {
  readonly kind: DatabaseKind;
  /** With which the contender uses it. */
  readonly environment: Record<string, string>;
  execute(sql: string): Promise<void>;
  drop(): Promise<void>;
}

/** @param name of the contender, which differs from those that are measured at the same time */
export function createDatabase(
  kind: DatabaseKind,
  name: string,
  folder: string,
  { node, postgresUrl = '' }: Pick<Options, 'node' | 'postgresUrl'>,
): Promise<Database> {
  return kind === 'PostgreSQL'
    ? createPostgresDatabase(postgresUrl, name)
    : Promise.resolve(createSqliteDatabase(folder, node));
}

/** The databases that the options allow to measure. */
export function measuredDatabases({ postgresUrl }: Options): DatabaseKind[] {
  return DATABASE_KINDS.filter((kind) => kind === 'SQLite' || postgresUrl !== undefined);
}

/** @param node opens the file, because this process may run on a Node.js without the native module */
function createSqliteDatabase(folder: string, node: string): Database {
  mkdirSync(folder, { recursive: true });
  const environment = { DATABASE_PATH: join(folder, 'orders.db') };
  return {
    kind: 'SQLite',
    environment,
    execute: async (sql) => {
      await run(node, [join(__dirname, 'execute-sqlite.js')], { input: sql, env: environment });
    },
    drop: () => Promise.resolve(), // with the folder
  };
}

async function createPostgresDatabase(serverUrl: string, name: string): Promise<Database> {
  const database = `orders_bench_${process.pid}_${name.replaceAll(/\W/g, '_')}`;
  await execute(serverUrl, `CREATE DATABASE ${database}`);
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return {
    kind: 'PostgreSQL',
    environment: { DATABASE_URL: url.href },
    execute: async (sql) => {
      await execute(url.href, sql);
    },
    drop: async () => {
      await execute(serverUrl, `DROP DATABASE ${database} WITH (FORCE)`);
    },
  };
}

export async function postgresVersion(serverUrl: string): Promise<string> {
  const [row] = await execute(serverUrl, 'SHOW server_version');
  return String(row?.['server_version']);
}

async function execute(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
