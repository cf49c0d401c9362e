import 'reflect-metadata';
import { Transform, Type, plainToInstance } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Matches,
  Max,
  Min,
  ValidateBy,
  validateSync,
} from 'class-validator';
import { validateCronExpression } from 'cron';
import { InvalidEnvironmentError } from './config.errors';
import { isOriginList, isTrustedProxies } from './network-lists';

/** How often the processing job runs unless `PROCESSING_CRON` says otherwise: every two minutes. */
export const DEFAULT_PROCESSING_CRON = '0 */2 * * * *';

export const JWT_ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const ToNumber = () => Type(() => Number);
const ToBoolean = () =>
  Transform(
    ({ value }: { value: unknown }) => value === 'true' || (value === 'false' ? false : value),
  );
/** Texts between commas; blanks around them do not count, and nothing between two is none. */
const ToList = () =>
  Transform(({ value }: { value: unknown }) =>
    String(value)
      .split(',')
      .map((text) => text.trim())
      .filter(Boolean),
  );
const IsCronExpression = () =>
  ValidateBy(
    {
      name: 'isCronExpression',
      validator: {
        validate: (value: string) =>
          value.trim().split(/\s+/).length === 6 && validateCronExpression(value).valid,
      },
    },
    { message: '$property must be a cron expression of six fields, seconds first' },
  );
const IsTrustedProxies = () =>
  ValidateBy(
    { name: 'isTrustedProxies', validator: { validate: isTrustedProxies } },
    {
      message:
        '$property must be a number of proxies, or a comma-separated list of addresses, CIDR ranges, ' +
        'loopback, linklocal and uniquelocal',
    },
  );
const IsOriginList = () =>
  ValidateBy(
    { name: 'isOriginList', validator: { validate: isOriginList } },
    {
      message:
        '$property must be a comma-separated list of origins such as https://app.example.com, or *',
    },
  );
const IsRedisUrl = () =>
  ValidateBy(
    { name: 'isRedisUrl', validator: { validate: isRedisUrl } },
    {
      message: '$property must be a URL such as redis://host:6379 or rediss://user:password@host/0',
    },
  );

/** Every environment variable the server reads, with its default and the values it accepts. */
export class Environment {
  @IsIn(['development', 'test', 'production'])
  NODE_ENV: 'development' | 'test' | 'production' = 'development';

  @IsString()
  HOST = '0.0.0.0';

  @ToNumber()
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT = 8000;

  @IsTrustedProxies()
  TRUST_PROXY = '';

  @IsOriginList()
  CORS_ORIGINS = '';

  @IsString()
  JWT_SECRET = '';

  @ToList()
  @IsString({ each: true, message: 'JWT_PREVIOUS_SECRETS must be texts between commas' })
  JWT_PREVIOUS_SECRETS: string[] = [];

  @IsIn(JWT_ALGORITHMS)
  JWT_ALGORITHM: (typeof JWT_ALGORITHMS)[number] = 'HS256';

  @ToNumber()
  @IsInt()
  @Min(1)
  @Max(1440)
  TOKEN_EXPIRE_MINUTES = 15;

  @ToNumber()
  @IsInt()
  @Min(1)
  @Max(365)
  REFRESH_TOKEN_EXPIRE_DAYS = 7;

  @ToNumber()
  @IsInt()
  @Min(4)
  @Max(15)
  BCRYPT_COST = 12;

  @IsString()
  DATABASE_PATH = 'orders.db';

  @Matches(/^(postgres(ql)?:\/\/.+)?$/, { message: 'DATABASE_URL must start with postgres://' })
  DATABASE_URL = '';

  @ToBoolean()
  @IsBoolean({ message: 'DATABASE_MIGRATE_ON_START must be true or false' })
  DATABASE_MIGRATE_ON_START = true;

  @IsRedisUrl()
  REDIS_URL = '';

  @ToBoolean()
  @IsBoolean({ message: 'RATE_LIMIT_ENABLED must be true or false' })
  RATE_LIMIT_ENABLED = true;

  @IsIn(LOG_LEVELS)
  LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';

  @IsString()
  LOG_FILE = 'api.log';

  @IsCronExpression()
  PROCESSING_CRON = DEFAULT_PROCESSING_CRON;

  @ToBoolean()
  @IsBoolean({ message: 'PROCESSING_ENABLED must be true or false' })
  PROCESSING_ENABLED = true;

  @ToNumber()
  @IsInt()
  @Min(1)
  @Max(1000)
  PROCESSING_CONCURRENCY = 50;

  @ToNumber()
  @IsInt()
  @Min(1)
  @Max(1000)
  PROCESSING_BATCH_SIZE = 100;

  @ToNumber()
  @IsInt()
  @Min(1)
  @Max(86_400)
  PROCESSING_LEASE_SECONDS = 60;

  @ToNumber()
  @IsInt()
  @Min(1)
  @Max(100)
  PROCESSING_MAX_ATTEMPTS = 5;

  @ToNumber()
  @IsInt()
  @Min(0)
  @Max(3_600_000)
  FULFILMENT_DELAY_MS = 500;
}

/** An empty file name is how an operator turns the log file off, so it is kept. */
const MAY_BE_EMPTY = new Set(['LOG_FILE']);

/**
 * Reads the variables of {@link Environment}; an empty one counts as unset.
 * @throws InvalidEnvironmentError naming each bad variable and what it accepts, never its value.
 */
export function parseEnvironment(source: NodeJS.ProcessEnv): Environment {
  const known = Object.keys(new Environment());
  const given = known.filter(
    (name) => source[name] !== undefined && (source[name] !== '' || MAY_BE_EMPTY.has(name)),
  );
  const environment = plainToInstance(
    Environment,
    Object.fromEntries(given.map((name) => [name, source[name]])),
    { exposeDefaultValues: true },
  );
  const problems = validateSync(environment).flatMap((error) =>
    Object.values(error.constraints ?? {}),
  );
  problems.push(...productionProblems(environment));
  if (problems.length > 0) throw new InvalidEnvironmentError(problems);
  return environment;
}

function isRedisUrl(value: string): boolean {
  if (value === '') return true;
  try {
    const { protocol, hostname, username, password, pathname } = new URL(value);
    decodeURIComponent(username + password);
    return /^rediss?:$/.test(protocol) && hostname !== '' && /^(\/\d*)?$/.test(pathname);
  } catch {
    return false;
  }
}

const MINIMUM_SECRET_BYTES = 32;
const PLACEHOLDER = /change.?me|example|placeholder|your.?(jwt.?)?(secret|key)/i;

function isShort(secret: string): boolean {
  return Buffer.byteLength(secret) < MINIMUM_SECRET_BYTES;
}

function productionProblems(environment: Environment): string[] {
  if (environment.NODE_ENV !== 'production') return [];
  const problems: string[] = [];
  if (isShort(environment.JWT_SECRET)) {
    problems.push(`JWT_SECRET must be at least ${MINIMUM_SECRET_BYTES} bytes in production`);
  } else if (PLACEHOLDER.test(environment.JWT_SECRET)) {
    problems.push('JWT_SECRET must not be an example value in production');
  }
  if (environment.JWT_PREVIOUS_SECRETS.some(isShort)) {
    problems.push(
      `JWT_PREVIOUS_SECRETS must be at least ${MINIMUM_SECRET_BYTES} bytes each in production`,
    );
  }
  if (environment.BCRYPT_COST < 10) {
    problems.push('BCRYPT_COST must be at least 10 in production');
  }
  return problems;
}
