import { type KeyObject, createSecretKey, randomBytes } from 'node:crypto';
import type { LevelWithSilent } from 'pino';
import {
  type DatabaseEnvironment,
  type Environment,
  JWT_ALGORITHMS,
  parseDatabaseEnvironment,
  parseEnvironment,
} from './environment';
import { isHopCount, splitList } from './network-lists';
import { weakSecrets } from './weak-secrets';

/** HMAC algorithms an access token may be signed with (RFC 7518, section 3.2). */
type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

/** Where the data lives: one SQLite file, or a PostgreSQL server. */
export type DatabaseTarget =
  | { readonly kind: 'sqlite'; readonly path: string }
  | {
      readonly kind: 'postgres';
      readonly url: string;
      /** Connections of one instance. */
      readonly poolSize: number;
    };

export interface DatabaseConfig {
  readonly target: DatabaseTarget;
  readonly migrateOnStart: boolean;
}

/**
 * The whole configuration, read once at start. It is also the injection token under which
 * every module receives it.
 */
export abstract class AppConfig {
  abstract readonly nodeEnv: Environment['NODE_ENV'];

  abstract readonly http: {
    readonly host: string;
    readonly port: number;
    /** How many proxies, or which, are believed about whom they speak for. */
    readonly trustedProxies: number | readonly string[];
    /** Whose scripts may read answers; `*` stands for any. */
    readonly corsOrigins: readonly string[];
    /** Where clients find the API, without a slash at the end. Undefined: as each request says. */
    readonly publicUrl: string | undefined;
  };

  abstract readonly auth: {
    /** Signs and verifies access tokens; also the root of keys derived for other purposes. */
    readonly secret: KeyObject;
    /** Earlier secrets. What they have signed is still taken; nothing new is signed with them. */
    readonly previousSecrets: readonly KeyObject[];
    /** What to warn about at start: secrets that are missing, or that production would refuse. */
    readonly secretWarnings: readonly string[];
    readonly algorithm: JwtAlgorithm;
    readonly accessTokenSeconds: number;
    /** How long a session lasts without a refresh. */
    readonly refreshTokenSeconds: number;
    /** How long a session lasts however often it is refreshed. */
    readonly sessionSeconds: number;
    /** log2 of the bcrypt rounds. */
    readonly bcryptCost: number;
  };

  abstract readonly database: DatabaseConfig;

  abstract readonly rateLimits: {
    readonly enabled: boolean;
    /** Where instances count together. Undefined: each counts in its own memory. */
    readonly redisUrl: string | undefined;
  };

  abstract readonly logging: {
    readonly level: LevelWithSilent;
    /** Undefined: stdout only. */
    readonly file: string | undefined;
  };

  abstract readonly processing: {
    readonly enabled: boolean;
    /** Six cron fields, seconds first. */
    readonly cron: string;
    /** Orders fulfilled at the same time by one instance. */
    readonly concurrency: number;
    /** Orders claimed by one statement. */
    readonly batchSize: number;
    /** How long a claim protects an order from being claimed again. */
    readonly leaseSeconds: number;
    /** How long one attempt of a step may take, in milliseconds, unless the step says otherwise. */
    readonly attemptTimeoutMs: number;
    /** After so many failed attempts an order has failed. */
    readonly maxAttempts: number;
  };

  abstract readonly orders: {
    /** Pending and processing orders of one user. */
    readonly maxOpenPerUser: number;
  };

  abstract readonly fulfilment: {
    /** Duration of the simulated work per order, in milliseconds. */
    readonly delayMs: number;
  };
}

const DAY_SECONDS = 86_400;

/** However often it is refreshed, a session ends after this time (or a longer idle period). */
const MAX_SESSION_DAYS = 30;

/** Enough of the lease is left to record what came of the attempt. */
const ATTEMPT_SHARE_OF_LEASE = 0.8;

/**
 * Builds the configuration from environment variables.
 * @throws InvalidEnvironmentError when a variable has a value the server cannot run with.
 */
export function loadConfig(source: NodeJS.ProcessEnv = process.env): AppConfig {
  const env = parseEnvironment(source);
  return {
    nodeEnv: env.NODE_ENV,
    http: {
      host: env.HOST,
      port: env.PORT,
      trustedProxies: isHopCount(env.TRUST_PROXY)
        ? Number(env.TRUST_PROXY)
        : splitList(env.TRUST_PROXY),
      corsOrigins: splitList(env.CORS_ORIGINS),
      publicUrl: env.PUBLIC_URL ? new URL(env.PUBLIC_URL).href.replace(/\/$/, '') : undefined,
    },
    auth: {
      // A string would be tried as a PEM public key at every verification, some 50 times slower.
      secret: createSecretKey(env.JWT_SECRET ? Buffer.from(env.JWT_SECRET) : randomBytes(32)),
      previousSecrets: splitList(env.JWT_PREVIOUS_SECRETS).map((secret) =>
        createSecretKey(Buffer.from(secret)),
      ),
      secretWarnings: secretWarnings(env),
      algorithm: env.JWT_ALGORITHM,
      accessTokenSeconds: env.TOKEN_EXPIRE_MINUTES * 60,
      refreshTokenSeconds: env.REFRESH_TOKEN_EXPIRE_DAYS * DAY_SECONDS,
      sessionSeconds: Math.max(env.REFRESH_TOKEN_EXPIRE_DAYS, MAX_SESSION_DAYS) * DAY_SECONDS,
      bcryptCost: env.BCRYPT_COST,
    },
    database: databaseConfig(env),
    rateLimits: { enabled: env.RATE_LIMIT_ENABLED, redisUrl: env.REDIS_URL || undefined },
    logging: { level: env.LOG_LEVEL, file: env.LOG_FILE || undefined },
    processing: {
      enabled: env.PROCESSING_ENABLED,
      cron: env.PROCESSING_CRON,
      concurrency: env.PROCESSING_CONCURRENCY,
      batchSize: env.PROCESSING_BATCH_SIZE,
      leaseSeconds: env.PROCESSING_LEASE_SECONDS,
      attemptTimeoutMs: env.PROCESSING_LEASE_SECONDS * 1_000 * ATTEMPT_SHARE_OF_LEASE,
      maxAttempts: env.PROCESSING_MAX_ATTEMPTS,
    },
    orders: { maxOpenPerUser: env.MAX_OPEN_ORDERS_PER_USER },
    fulfilment: { delayMs: env.FULFILMENT_DELAY_MS },
  };
}

/**
 * Builds the part of the configuration that a command on the database needs.
 * @throws InvalidEnvironmentError when one of its variables has a value that cannot be used
 */
export function loadDatabaseConfig(source: NodeJS.ProcessEnv = process.env): DatabaseConfig {
  return databaseConfig(parseDatabaseEnvironment(source));
}

function databaseConfig(env: DatabaseEnvironment): DatabaseConfig {
  return {
    target: env.DATABASE_URL
      ? { kind: 'postgres', url: env.DATABASE_URL, poolSize: env.DATABASE_POOL_SIZE }
      : { kind: 'sqlite', path: env.DATABASE_PATH },
    migrateOnStart: env.DATABASE_MIGRATE_ON_START,
  };
}

function secretWarnings(env: Environment): string[] {
  if (env.JWT_SECRET !== '') return weakSecrets(env);
  return ['JWT_SECRET is not set: tokens will be worthless after a restart'];
}
