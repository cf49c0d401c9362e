import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { IsIn, IsOptional, IsString, validateSync } from 'class-validator';
import { InvalidEnvironmentError } from './config.errors';
import { conflictsIn } from './environment-conflicts';
import {
  IsBearerToken,
  IsCronExpression,
  IsFilePath,
  IsIntegerBetween,
  IsNetworkList,
  IsOriginList,
  IsPostgresUrl,
  IsPublicUrl,
  IsRedisUrl,
  IsTrueOrFalse,
  IsTrustedProxies,
} from './environment-rules';
import { TracingEnvironment } from './tracing-environment';

/** When the processing job runs by default: every two minutes. */
export const DEFAULT_PROCESSING_CRON = '0 */2 * * * *';

/** When the server backs up its SQLite file by default: every night. */
export const DEFAULT_BACKUP_CRON = '0 0 3 * * *';

/** HMAC algorithms (RFC 7518, section 3.2). */
const JWT_ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Every environment variable that the server reads, with its default and the values it accepts. */
export class Environment extends TracingEnvironment {
  @IsIn(['development', 'test', 'production'])
  NODE_ENV: 'development' | 'test' | 'production' = 'development';

  @IsString()
  HOST = '0.0.0.0';

  @IsIntegerBetween(0, 65_535)
  PORT = 8000;

  @IsTrustedProxies()
  TRUST_PROXY = '';

  @IsOriginList()
  CORS_ORIGINS = '';

  @IsPublicUrl()
  PUBLIC_URL = '';

  @IsString()
  JWT_SECRET = '';

  @IsString() // comma-separated
  JWT_PREVIOUS_SECRETS = '';

  @IsIn(JWT_ALGORITHMS)
  JWT_ALGORITHM: (typeof JWT_ALGORITHMS)[number] = 'HS256';

  @IsIntegerBetween(1, 1440)
  TOKEN_EXPIRE_MINUTES = 15;

  @IsIntegerBetween(1, 365)
  REFRESH_TOKEN_EXPIRE_DAYS = 7;

  @IsIntegerBetween(4, 15)
  BCRYPT_COST = 12;

  @IsFilePath()
  DATABASE_PATH = 'orders.db';

  @IsPostgresUrl()
  DATABASE_URL = '';

  @IsTrueOrFalse()
  DATABASE_MIGRATE_ON_START = true;

  @IsIntegerBetween(1, 1000)
  DATABASE_POOL_SIZE = 20;

  @IsString()
  BACKUP_DIR = '';

  @IsCronExpression()
  BACKUP_CRON = DEFAULT_BACKUP_CRON;

  @IsRedisUrl()
  REDIS_URL = '';

  @IsTrueOrFalse()
  RATE_LIMIT_ENABLED = true;

  @IsOptional()
  @IsIntegerBetween(0, 65_535)
  METRICS_PORT: number | undefined = undefined;

  @IsString()
  METRICS_HOST = '127.0.0.1';

  @IsBearerToken()
  METRICS_TOKEN = '';

  @IsIn(LOG_LEVELS)
  LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';

  @IsString()
  LOG_FILE = 'api.log';

  @IsCronExpression()
  PROCESSING_CRON = DEFAULT_PROCESSING_CRON;

  @IsTrueOrFalse()
  PROCESSING_ENABLED = true;

  @IsIntegerBetween(1, 1000)
  PROCESSING_CONCURRENCY = 50;

  @IsIntegerBetween(1, 1000)
  PROCESSING_BATCH_SIZE = 100;

  @IsIntegerBetween(1, 86_400)
  PROCESSING_LEASE_SECONDS = 60;

  @IsIntegerBetween(1, 100)
  PROCESSING_MAX_ATTEMPTS = 5;

  @IsIntegerBetween(0, 600)
  SHUTDOWN_DELAY_SECONDS = 0;

  @IsIntegerBetween(1, 1_000_000)
  MAX_OPEN_ORDERS_PER_USER = 10_000;

  @IsIntegerBetween(0, 3_600_000)
  FULFILMENT_DELAY_MS = 500;

  @IsTrueOrFalse()
  WEBHOOKS_ENABLED = true;

  @IsNetworkList()
  WEBHOOK_ALLOWED_NETWORKS = '';
}

/** The variables that a database command needs. */
export type DatabaseEnvironment = Pick<Environment, keyof Environment & `DATABASE_${string}`>;

/** An empty file name turns the log file off, so it does not count as unset. */
const MAY_BE_EMPTY = new Set(['LOG_FILE']);

/**
 * Reads the variables of {@link Environment}; an empty one counts as unset.
 * @throws InvalidEnvironmentError with each invalid variable and what it accepts, never its value
 */
export function parseEnvironment(source: NodeJS.ProcessEnv): Environment {
  const environment = readEnvironment(source);
  const problems = [...problemsOf(environment), ...conflictsIn(environment)];
  if (problems.length > 0) throw new InvalidEnvironmentError(problems);
  return environment;
}

/**
 * Reads the variables of the database; the others are not validated.
 * @throws InvalidEnvironmentError as {@link parseEnvironment} does
 */
export function parseDatabaseEnvironment(source: NodeJS.ProcessEnv): DatabaseEnvironment {
  return parseGroup(source, 'DATABASE_');
}

/**
 * Reads the variables of the export of traces; the others are not validated.
 * @throws InvalidEnvironmentError as {@link parseEnvironment} does
 */
export function parseTracingEnvironment(source: NodeJS.ProcessEnv): TracingEnvironment {
  return parseGroup(source, 'OTEL_');
}

function parseGroup(source: NodeJS.ProcessEnv, prefix: string): Environment {
  const environment = readEnvironment(source);
  const problems = problemsOf(environment, prefix);
  if (problems.length > 0) throw new InvalidEnvironmentError(problems);
  return environment;
}

function readEnvironment(source: NodeJS.ProcessEnv): Environment {
  const values = Object.keys(new Environment())
    .map((name) => [name, source[name]] as const)
    .filter(([name, value]) => value !== undefined && (value !== '' || MAY_BE_EMPTY.has(name)));
  return plainToInstance(Environment, Object.fromEntries(values), { exposeDefaultValues: true });
}

/** @param prefix of the variables that are validated */
function problemsOf(environment: Environment, prefix = ''): string[] {
  return validateSync(environment)
    .filter(({ property }) => property.startsWith(prefix))
    .flatMap(({ constraints = {} }) => Object.values(constraints));
}
