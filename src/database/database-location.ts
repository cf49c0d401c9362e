import { resolve } from 'node:path';
import type { DatabaseTarget } from '../config/database-config';
import { parsePostgresUrl } from '../config/urls';

/** Describes the database for the log: its kind and location, without user and password. */
export function databaseLocation(target: DatabaseTarget): string {
  if (target.kind === 'postgres') return postgresLocation(target.url);
  return target.path === ':memory:' ? 'SQLite in memory' : `SQLite file ${resolve(target.path)}`;
}

/** @param url as in `DATABASE_URL`; its `host` parameter names the folder of a Unix socket */
export function postgresLocation(url: string): string {
  const parsed = parsePostgresUrl(url);
  if (!parsed) return 'PostgreSQL at an address that is not a valid URL';
  const { hostname, port, pathname, searchParams } = parsed;
  const host = searchParams.get('host') ?? (hostname || 'localhost');
  return `PostgreSQL at ${host}:${port || '5432'}${pathname}`;
}
