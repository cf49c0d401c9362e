import { type DatabaseEnvironment, parseDatabaseEnvironment } from './environment';

/** An SQLite file or a PostgreSQL server. */
export type DatabaseTarget =
  | { readonly kind: 'sqlite'; readonly path: string }
  | {
      readonly kind: 'postgres';
      readonly url: string;
      /** Maximum number of connections of one instance. */
      readonly poolSize: number;
    };

export interface DatabaseConfig {
  readonly target: DatabaseTarget;
  readonly migrateOnStart: boolean;
}

/**
 * Builds the configuration of a database command; other variables may be invalid.
 * @throws InvalidEnvironmentError
 */
export function loadDatabaseConfig(source: NodeJS.ProcessEnv = process.env): DatabaseConfig {
  return databaseConfig(parseDatabaseEnvironment(source));
}

export function databaseConfig(env: DatabaseEnvironment): DatabaseConfig {
  return {
    target: env.DATABASE_URL
      ? { kind: 'postgres', url: env.DATABASE_URL, poolSize: env.DATABASE_POOL_SIZE }
      : { kind: 'sqlite', path: env.DATABASE_PATH },
    migrateOnStart: env.DATABASE_MIGRATE_ON_START,
  };
}
