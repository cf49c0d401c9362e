import { loadConfig } from './app-config';
import { InvalidEnvironmentError } from './config.errors';
import { loadDatabaseConfig } from './database-config';

const LONG_SECRET = 'k9wV0s3Jq7tYb2NcX5zRf8HdLm4PgTuA';

describe('loadConfig', () => {
  it('reads where metrics are served', () => {
    const environment = { METRICS_PORT: '9464', METRICS_HOST: '::1', METRICS_TOKEN: 'a+b/c==' };
    const expected = { port: 9464, host: '::1', token: 'a+b/c==' };
    expect(loadConfig(environment).metrics).toEqual(expected);
  });

  it('reads where traces are exported', () => {
    const OTEL_EXPORTER_OTLP_ENDPOINT = 'https://collector.example.com/otlp/';
    const url = 'https://collector.example.com/otlp/v1/traces';
    expect(loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT }).tracing).toEqual({
      url,
      maxQueueSize: 2_048,
      maxExportBatchSize: 512,
      scheduledDelayMillis: 5_000,
      exportTimeoutMillis: 30_000,
    });
    const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = 'https://traces.example.com/';
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
      OTEL_BSP_MAX_QUEUE_SIZE: '64',
    };
    expect(loadConfig(environment).tracing).toMatchObject({
      url: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
      maxQueueSize: 64,
      maxExportBatchSize: 64,
    });
  });

  it('reads where and when the SQLite file is backed up', () => {
    const environment = { BACKUP_DIR: '/backups', BACKUP_CRON: '0 30 * * * *' };
    const expected = { directory: '/backups', cron: '0 30 * * * *' };
    expect(loadConfig(environment).backups).toEqual(expected);
  });

  it('names pg_dump when BACKUP_DIR is set with PostgreSQL', () => {
    const environment = { BACKUP_DIR: '/backups', DATABASE_URL: 'postgres://host/orders' };
    expect(() => loadConfig(environment)).toThrow(/- BACKUP_DIR must be unset .* pg_dump/);
    expect(loadDatabaseConfig(environment).target.kind).toBe('postgres');
  });

  it('has a default for everything', () => {
    expect(loadConfig({})).toMatchObject({
      http: { host: '0.0.0.0', port: 8000, trustedProxies: [], corsOrigins: [] },
      auth: {
        secretWarnings: [expect.stringContaining('JWT_SECRET is not set')],
        algorithm: 'HS256',
        accessTokenSeconds: 900,
        bcryptCost: 12,
      },
      database: { target: { kind: 'sqlite', path: 'orders.db' }, migrateOnStart: true },
      backups: { directory: undefined, cron: '0 0 3 * * *' },
      rateLimits: { enabled: true, redisUrl: undefined },
      metrics: { port: undefined, host: '127.0.0.1', token: undefined },
      tracing: undefined,
      logging: { level: 'info', file: 'api.log' },
      processing: {
        enabled: true,
        cron: '0 */2 * * * *',
        concurrency: 50,
        batchSize: 100,
        leaseSeconds: 60,
      },
      fulfilment: { delayMs: 500 },
      webhooks: { enabled: true, allowedNetworks: [] },
    });
  });

  it('reads the variables', () => {
    const config = loadConfig({
      PORT: '9000',
      TOKEN_EXPIRE_MINUTES: '5',
      DATABASE_URL: 'postgres://user@host/orders',
      DATABASE_MIGRATE_ON_START: 'false',
      DATABASE_POOL_SIZE: '5',
      REDIS_URL: 'rediss://user:p%40ss@host:6380/1',
      RATE_LIMIT_ENABLED: 'false',
      PROCESSING_ENABLED: 'false',
      PROCESSING_CRON: '*/10 * * * * *',
      WEBHOOKS_ENABLED: 'false',
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8, fd00::/8',
    });
    expect(config).toMatchObject({
      http: { port: 9000 },
      auth: { accessTokenSeconds: 300 },
      database: {
        target: { kind: 'postgres', url: 'postgres://user@host/orders', poolSize: 5 },
        migrateOnStart: false,
      },
      rateLimits: { enabled: false, redisUrl: 'rediss://user:p%40ss@host:6380/1' },
      processing: { enabled: false, cron: '*/10 * * * * *' },
      webhooks: { enabled: false, allowedNetworks: ['127.0.0.0/8', 'fd00::/8'] },
    });
  });

  it.each([
    ['1', 1],
    ['0', 0],
    ['10.0.0.1', ['10.0.0.1']],
    [' 10.0.0.0/8 , fd00::/8,loopback', ['10.0.0.0/8', 'fd00::/8', 'loopback']],
    ['::ffff:10.0.0.1/128', ['::ffff:10.0.0.1/128']],
  ])('trusts the proxies of TRUST_PROXY=%s', (TRUST_PROXY, expected) => {
    expect(loadConfig({ TRUST_PROXY }).http.trustedProxies).toEqual(expected);
  });

  it.each([
    'postgres://host',
    'postgres://%2Fvar%2Frun%2Fpostgresql/orders',
    'postgres:///orders?host=/var/run/postgresql',
    'postgres://user:p%40%23ss@/orders?host=/cloudsql/project',
    'postgresql://user:p%40%23%25ss@[::1]:6543/my%20orders?sslmode=require',
  ])('accepts DATABASE_URL=%s', (url) => {
    expect(loadConfig({ DATABASE_URL: url }).database.target).toMatchObject({ url });
  });

  it.each([
    ['https://api.example.com', 'https://api.example.com'],
    ['http://localhost:8000/', 'http://localhost:8000'],
    ['https://example.com/api/v1', 'https://example.com/api/v1'],
  ])('accepts PUBLIC_URL=%s', (PUBLIC_URL, publicUrl) => {
    expect(loadConfig({ PUBLIC_URL }).http.publicUrl).toBe(publicUrl);
  });

  it.each([
    ['*', ['*']],
    ['https://app.example.com', ['https://app.example.com']],
    ['http://[::1]:3000, https://a.example', ['http://[::1]:3000', 'https://a.example']],
  ])('allows the origins of CORS_ORIGINS=%s', (CORS_ORIGINS, expected) => {
    expect(loadConfig({ CORS_ORIGINS }).http.corsOrigins).toEqual(expected);
  });

  it('ignores empty variables, except LOG_FILE, which turns the log file off', () => {
    const config = loadConfig({ PORT: '', DATABASE_URL: '', LOG_FILE: '' });
    expect(config.http.port).toBe(8000);
    expect(config.database.target.kind).toBe('sqlite');
    expect(config.logging.file).toBeUndefined();
  });

  it('accepts private networks for webhooks in production', () => {
    const WEBHOOK_ALLOWED_NETWORKS = '10.0.0.0/8,192.168.1.1,fd00::/8';
    const environment = { NODE_ENV: 'production', JWT_SECRET: LONG_SECRET };
    const { webhooks } = loadConfig({ ...environment, WEBHOOK_ALLOWED_NETWORKS });
    expect(webhooks.allowedNetworks).toEqual(['10.0.0.0/8', '192.168.1.1', 'fd00::/8']);
  });

  it('generates a secret for each start outside production', () => {
    const [one, other] = [loadConfig({}), loadConfig({})];
    expect(one.auth.secret.equals(other.auth.secret)).toBe(false);
  });

  it('accepts a valid production configuration', () => {
    const config = loadConfig({ NODE_ENV: 'production', JWT_SECRET: LONG_SECRET });
    expect(config.auth.secret.export().toString()).toBe(LONG_SECRET);
    expect(config.auth.secretWarnings).toEqual([]);
  });

  it.each([
    ['JWT_SECRET', { JWT_SECRET: 'too short' }],
    ['JWT_SECRET', { JWT_SECRET: `change-me ${LONG_SECRET}` }],
    ['JWT_PREVIOUS_SECRETS', { JWT_SECRET: LONG_SECRET, JWT_PREVIOUS_SECRETS: 'too short' }],
    ['METRICS_TOKEN', { JWT_SECRET: LONG_SECRET, METRICS_TOKEN: 'too-short' }],
    ['METRICS_TOKEN', { JWT_SECRET: LONG_SECRET, METRICS_TOKEN: `change-me-${'x'.repeat(32)}` }],
  ])('warns outside production about a weak %s, without its value: %p', (variable, environment) => {
    const { secretWarnings } = loadConfig(environment).auth;
    expect(secretWarnings).toEqual([expect.stringMatching(`^${variable} must .* in production$`)]);
    expect(secretWarnings.join()).not.toMatch(/too.short|change-me/);
  });

  it('opens 20 connections to PostgreSQL by default', () => {
    const { target } = loadConfig({ DATABASE_URL: 'postgres://host/orders' }).database;
    expect(target).toMatchObject({ poolSize: 20 });
  });

  it('reads the list of earlier secrets, without empty entries', () => {
    const { auth } = loadConfig({ JWT_PREVIOUS_SECRETS: ' one secret,, another ,' });
    const secrets = auth.previousSecrets.map((secret) => secret.export().toString());
    expect(secrets).toEqual(['one secret', 'another']);
  });

  it.each([
    ['NODE_ENV', { NODE_ENV: 'prod' }],
    ['PORT', { PORT: 'eighty' }],
    ['PORT', { PORT: '65536' }],
    ['PORT', { PORT: '80.5' }],
    ['TRUST_PROXY', { TRUST_PROXY: 'true' }],
    ['TRUST_PROXY', { TRUST_PROXY: 'all' }],
    ['TRUST_PROXY', { TRUST_PROXY: '-1' }],
    ['TRUST_PROXY', { TRUST_PROXY: '100' }],
    ['TRUST_PROXY', { TRUST_PROXY: '1.5' }],
    ['TRUST_PROXY', { TRUST_PROXY: 'proxy.example.com' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.0/33' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.0/0' }],
    ['TRUST_PROXY', { TRUST_PROXY: '::/0' }],
    ['TRUST_PROXY', { TRUST_PROXY: 'fd00::/129' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.0/8/8' }],
    ['TRUST_PROXY', { TRUST_PROXY: 'fe80::1%eth0' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.1;10.0.0.2' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'app.example.com' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://app.example.com/' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://app.example.com/path' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://App.example.com' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://app.example.com:443' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://*.example.com' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'ftp://app.example.com' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'null' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://user@app.example.com' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://app.example.com, *' }],
    ['JWT_ALGORITHM', { JWT_ALGORITHM: 'none' }],
    ['JWT_ALGORITHM', { JWT_ALGORITHM: 'RS256' }],
    ['TOKEN_EXPIRE_MINUTES', { TOKEN_EXPIRE_MINUTES: '0' }],
    ['BCRYPT_COST', { BCRYPT_COST: '3' }],
    ['BCRYPT_COST', { BCRYPT_COST: '16' }],
    ['DATABASE_PATH', { DATABASE_PATH: 'postgres://user:password@host/db' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://root@host/db' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://' }],
    ['DATABASE_URL', { DATABASE_URL: '%' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://%' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres:%' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://user:pass%word@host/db' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://user:pass#word@host/db' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://user:1#word@host/db' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://user:1/word@host/db' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://user:1?word@host/db' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://user@host:notaport/db' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://user@host:65536/db' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://host/db?port=notaport' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://host/100%' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'api.example.com' }],
    ['PUBLIC_URL', { PUBLIC_URL: '/api' }],
    ['PUBLIC_URL', { PUBLIC_URL: '%' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'ftp://api.example.com' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://api.example.com:notaport' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://user:password@api.example.com' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://api.example.com?key=1' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://api.example.com/#docs' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://api.example.com/a b' }],
    ['DATABASE_MIGRATE_ON_START', { DATABASE_MIGRATE_ON_START: 'maybe' }],
    ['DATABASE_POOL_SIZE', { DATABASE_POOL_SIZE: '0' }],
    ['DATABASE_POOL_SIZE', { DATABASE_POOL_SIZE: '1001' }],
    ['DATABASE_POOL_SIZE', { DATABASE_POOL_SIZE: '2.5' }],
    ['BACKUP_DIR', { BACKUP_DIR: '/backups', DATABASE_URL: 'postgres://host/orders' }],
    ['BACKUP_DIR', { BACKUP_DIR: '/backups', DATABASE_PATH: ':memory:' }],
    ['BACKUP_CRON', { BACKUP_CRON: 'nightly' }],
    ['BACKUP_CRON', { BACKUP_CRON: '0 3 * * *' }],
    ['REDIS_URL', { REDIS_URL: 'host:6379' }],
    ['REDIS_URL', { REDIS_URL: 'http://host:6379' }],
    ['REDIS_URL', { REDIS_URL: 'redis://' }],
    ['REDIS_URL', { REDIS_URL: 'redis://host:port' }],
    ['REDIS_URL', { REDIS_URL: 'redis://host:6379/orders' }],
    ['REDIS_URL', { REDIS_URL: 'redis://:pass%word@host:6379' }],
    ['REDIS_URL', { REDIS_URL: 'redis://:pass#word@host:6379' }],
    ['REDIS_URL', { REDIS_URL: 'redis://user:1#word@host:6379' }],
    ['REDIS_URL', { REDIS_URL: 'redis://user:1?word@host:6379' }],
    ['REDIS_URL', { REDIS_URL: '%' }],
    ['RATE_LIMIT_ENABLED', { RATE_LIMIT_ENABLED: 'no' }],
    ['METRICS_PORT', { METRICS_PORT: '65536' }],
    ['METRICS_PORT', { METRICS_PORT: 'on' }],
    ['METRICS_TOKEN', { METRICS_TOKEN: 'two words' }],
    ['METRICS_TOKEN', { METRICS_TOKEN: 'schlüssel' }],
    [
      'METRICS_TOKEN',
      { NODE_ENV: 'production', JWT_SECRET: LONG_SECRET, METRICS_TOKEN: 'too-short' },
    ],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', { OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', { OTEL_EXPORTER_OTLP_ENDPOINT: 'grpc://localhost:4317' }],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:pw@localhost' }],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost?key=1' }],
    [
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'user:secret-password' },
    ],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', { OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', { OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }],
    ['OTEL_TRACES_SAMPLER', { OTEL_TRACES_SAMPLER: 'always' }],
    ['OTEL_TRACES_SAMPLER_ARG', { OTEL_TRACES_SAMPLER_ARG: '1.5' }],
    ['OTEL_TRACES_SAMPLER_ARG', { OTEL_TRACES_SAMPLER_ARG: 'half' }],
    ['OTEL_BSP_SCHEDULE_DELAY', { OTEL_BSP_SCHEDULE_DELAY: '-1' }],
    ['OTEL_BSP_EXPORT_TIMEOUT', { OTEL_BSP_EXPORT_TIMEOUT: 'never' }],
    ['OTEL_BSP_MAX_QUEUE_SIZE', { OTEL_BSP_MAX_QUEUE_SIZE: '0' }],
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['PROCESSING_CRON', { PROCESSING_CRON: 'often' }],
    ['PROCESSING_CRON', { PROCESSING_CRON: '*/2 * * * *' }],
    ['PROCESSING_CRON', { PROCESSING_CRON: '99 * * * * *' }],
    ['PROCESSING_ENABLED', { PROCESSING_ENABLED: '1' }],
    ['PROCESSING_CONCURRENCY', { PROCESSING_CONCURRENCY: '0' }],
    ['PROCESSING_BATCH_SIZE', { PROCESSING_BATCH_SIZE: '-5' }],
    ['PROCESSING_LEASE_SECONDS', { PROCESSING_LEASE_SECONDS: 'x' }],
    ['FULFILMENT_DELAY_MS', { FULFILMENT_DELAY_MS: '-1' }],
    ['WEBHOOKS_ENABLED', { WEBHOOKS_ENABLED: '1' }],
    ['WEBHOOK_ALLOWED_NETWORKS', { WEBHOOK_ALLOWED_NETWORKS: 'loopback' }],
    ['WEBHOOK_ALLOWED_NETWORKS', { WEBHOOK_ALLOWED_NETWORKS: '0.0.0.0/0' }],
    ['WEBHOOK_ALLOWED_NETWORKS', { WEBHOOK_ALLOWED_NETWORKS: '10.0.0.0/33' }],
    ['WEBHOOK_ALLOWED_NETWORKS', { WEBHOOK_ALLOWED_NETWORKS: 'hooks.example.com' }],
    ...['127.0.0.0/8', '127.0.0.1', '10.0.0.0/8,127.1.2.0/24', '64.0.0.0/2', '::1', '::/8'].map(
      (WEBHOOK_ALLOWED_NETWORKS): [string, NodeJS.ProcessEnv] => [
        'WEBHOOK_ALLOWED_NETWORKS',
        { NODE_ENV: 'production', JWT_SECRET: LONG_SECRET, WEBHOOK_ALLOWED_NETWORKS },
      ],
    ),
    ['JWT_SECRET', { NODE_ENV: 'production' }],
    ['JWT_SECRET', { NODE_ENV: 'production', JWT_SECRET: 'too short' }],
    ['JWT_SECRET', { NODE_ENV: 'production', JWT_SECRET: `change-me ${LONG_SECRET}` }],
    ['JWT_SECRET', { NODE_ENV: 'production', JWT_SECRET: 'your-secret-key-your-secret-key-1234' }],
    [
      'JWT_PREVIOUS_SECRETS',
      { NODE_ENV: 'production', JWT_SECRET: LONG_SECRET, JWT_PREVIOUS_SECRETS: 'too short' },
    ],
    ['REFRESH_TOKEN_EXPIRE_DAYS', { REFRESH_TOKEN_EXPIRE_DAYS: '0' }],
    ['BCRYPT_COST', { NODE_ENV: 'production', JWT_SECRET: LONG_SECRET, BCRYPT_COST: '9' }],
  ])('rejects an invalid %s: %p', (variable, environment) => {
    expect(() => loadConfig(environment)).toThrow(InvalidEnvironmentError);
    expect(() => loadConfig(environment)).toThrow(new RegExp(`- ${variable} must `));
  });

  it('names every invalid variable at once, without values', () => {
    const environment = {
      PORT: 'secret-port',
      LOG_LEVEL: 'secret-level',
      REDIS_URL: 'redis://:secret-password@host:port',
      DATABASE_URL: 'postgres://user:secret-#password@host/db',
      PUBLIC_URL: 'https://user:secret-password@host',
    };
    const attempt = () => loadConfig(environment);
    expect(attempt).toThrow(/PORT[^]*PUBLIC_URL[^]*DATABASE_URL[^]*REDIS_URL[^]*LOG_LEVEL/);
    expect(attempt).not.toThrow(/secret-/);
  });
});

describe('loadDatabaseConfig', () => {
  it('ignores the other variables', () => {
    const environment = { NODE_ENV: 'production', PORT: 'eighty', DATABASE_PATH: 'data.db' };
    expect(() => loadConfig(environment)).toThrow(InvalidEnvironmentError);
    expect(loadDatabaseConfig(environment).target).toEqual({ kind: 'sqlite', path: 'data.db' });
  });

  it('rejects an invalid variable of the database', () => {
    expect(() => loadDatabaseConfig({ DATABASE_URL: 'mysql://host' })).toThrow(
      /- DATABASE_URL must be a URL such as postgres:/,
    );
  });
});
