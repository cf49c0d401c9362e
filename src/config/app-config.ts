import { type KeyObject, createSecretKey, randomBytes } from 'node:crypto';
import type { LevelWithSilent } from 'pino';
import { type DatabaseConfig, databaseConfig } from './database-config';
import { type Environment, parseEnvironment } from './environment';
import { isHopCount, splitList } from './network-lists';
import { type TracingConfig, tracingConfig } from './tracing-config';
import { weakSecrets } from './weak-secrets';

/** The configuration of the application, read once at start. It is also its own injection token. */
export abstract class AppConfig {
  abstract readonly nodeEnv: Environment['NODE_ENV'];

  abstract readonly http: {
    readonly host: string;
    readonly port: number;
    /** The number or the addresses of the proxies whose `X-Forwarded-For` is trusted. */
    readonly trustedProxies: number | readonly string[];
    /** Origins whose scripts may read responses; `*` is any origin. */
    readonly corsOrigins: readonly string[];
    /** The URL of the API without a trailing slash. Undefined: derived from each request. */
    readonly publicUrl: string | undefined;
    /** For how long requests are still served after SIGTERM, while the instance is not ready, in milliseconds. */
    readonly shutdownDelayMs: number;
  };

  abstract readonly auth: {
    /** Signs and verifies access tokens; also the root of keys derived for other purposes. */
    readonly secret: KeyObject;
    /** Earlier secrets: their signatures are still valid, and new ones use `secret`. */
    readonly previousSecrets: readonly KeyObject[];
    /** Logged at start: secrets that are missing, or that production rejects. */
    readonly secretWarnings: readonly string[];
    readonly algorithm: Environment['JWT_ALGORITHM'];
    readonly accessTokenSeconds: number;
    /** Lifetime of a session without a refresh. */
    readonly refreshTokenSeconds: number;
    /** Maximum lifetime of a session, with refreshes. */
    readonly sessionSeconds: number;
    /** log2 of the bcrypt rounds. */
    readonly bcryptCost: number;
  };

  abstract readonly database: DatabaseConfig;

  /** Backups of the SQLite file that the server makes. */
  abstract readonly backups: {
    /** Undefined: it makes none, as with PostgreSQL. */
    readonly directory: string | undefined;
    /** Six cron fields, seconds first. */
    readonly cron: string;
  };

  abstract readonly rateLimits: {
    readonly enabled: boolean;
    /** The Redis in which instances share counters. Undefined: each instance counts in memory. */
    readonly redisUrl: string | undefined;
  };

  abstract readonly logging: {
    readonly level: LevelWithSilent;
    /** Undefined: stdout only. */
    readonly file: string | undefined;
  };

  /** Metrics are measured when they are served: with a port or a token. */
  abstract readonly metrics: {
    /** The port that serves nothing else. */
    readonly port: number | undefined;
    readonly host: string;
    /** The bearer token for the metrics on the main port. */
    readonly token: string | undefined;
  };

  /** Undefined: nothing is traced. */
  abstract readonly tracing: TracingConfig | undefined;

  abstract readonly processing: {
    readonly enabled: boolean;
    /** Six cron fields, seconds first. */
    readonly cron: string;
    /** Orders that one instance fulfils at the same time. */
    readonly concurrency: number;
    /** Orders claimed by one statement. */
    readonly batchSize: number;
    /** How long a claim is valid without renewal. */
    readonly leaseSeconds: number;
    /** The default time limit of one attempt of a step, in milliseconds. */
    readonly attemptTimeoutMs: number;
    /** The number of failed attempts after which an order fails. */
    readonly maxAttempts: number;
  };

  abstract readonly orders: {
    /** Limit of the pending and processing orders of one user. */
    readonly maxOpenPerUser: number;
  };

  abstract readonly webhooks: {
    /** Whether this instance sends webhooks. */
    readonly enabled: boolean;
    /** CIDR ranges to which webhooks may be sent, besides the public internet. */
    readonly allowedNetworks: readonly string[];
  };

  abstract readonly fulfilment: {
    /** Duration of the simulated work per order, in milliseconds. */
    readonly delayMs: number;
  };
}

const DAY_SECONDS = 86_400;

/** The maximum lifetime of a session, unless `REFRESH_TOKEN_EXPIRE_DAYS` is longer. */
const MAX_SESSION_DAYS = 30;

/** The rest of the lease is for recording the outcome of the attempt. */
const ATTEMPT_SHARE_OF_LEASE = 0.8;

/**
 * Builds the configuration from environment variables.
 * @throws InvalidEnvironmentError when the value of a variable is invalid
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
      shutdownDelayMs: env.SHUTDOWN_DELAY_SECONDS * 1_000,
    },
    auth: {
      // jsonwebtoken first parses a string as a PEM public key: verification takes 50 times longer.
      secret: createSecretKey(env.JWT_SECRET ? Buffer.from(env.JWT_SECRET) : randomBytes(32)),
      previousSecrets: splitList(env.JWT_PREVIOUS_SECRETS).map((secret) =>
        createSecretKey(Buffer.from(secret)),
      ),
      secretWarnings: env.JWT_SECRET
        ? weakSecrets(env)
        : ['JWT_SECRET is not set: a restart invalidates all tokens'],
      algorithm: env.JWT_ALGORITHM,
      accessTokenSeconds: env.TOKEN_EXPIRE_MINUTES * 60,
      refreshTokenSeconds: env.REFRESH_TOKEN_EXPIRE_DAYS * DAY_SECONDS,
      sessionSeconds: Math.max(env.REFRESH_TOKEN_EXPIRE_DAYS, MAX_SESSION_DAYS) * DAY_SECONDS,
      bcryptCost: env.BCRYPT_COST,
    },
    database: databaseConfig(env),
    backups: { directory: env.BACKUP_DIR || undefined, cron: env.BACKUP_CRON },
    rateLimits: { enabled: env.RATE_LIMIT_ENABLED, redisUrl: env.REDIS_URL || undefined },
    metrics: {
      port: env.METRICS_PORT,
      host: env.METRICS_HOST,
      token: env.METRICS_TOKEN || undefined,
    },
    tracing: tracingConfig(env),
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
    webhooks: {
      enabled: env.WEBHOOKS_ENABLED,
      allowedNetworks: splitList(env.WEBHOOK_ALLOWED_NETWORKS),
    },
    fulfilment: { delayMs: env.FULFILMENT_DELAY_MS },
  };
}
