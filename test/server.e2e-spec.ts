import { execFile } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OpenAPIObject } from '@nestjs/swagger';
import { BuildProcess, ServerProcess, createFolder } from './support/server-process';
import { type TestDatabase, createTestDatabase, isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

describe('the built server', () => {
  let database: TestDatabase;
  let folder: Awaited<ReturnType<typeof createFolder>>;
  const started: ServerProcess[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    folder = await createFolder();
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((server) => server.stop('SIGKILL')));
    await database.drop();
    await folder.remove();
  });

  const start = async (environment: Record<string, string> = {}) => {
    const server = await ServerProcess.start(folder.path, {
      ...database.environment,
      ...environment,
    });
    started.push(server);
    return server;
  };

  it('answers the quick test of the README', async () => {
    const { api } = await start();
    const account = { email: 'john@example.com', password: 'secure123' };
    await api.post('/auth/register', { name: 'John', ...account }).expect(201);
    const { access_token } = await api.logIn(account.email, account.password);
    const john = api.withToken(access_token);
    await john.post('/orders', { product_name: 'Laptop', amount: 999.99 }).expect(201);
    const { body } = await john.get('/orders').expect(200);
    expect(body).toMatchObject({ data: [{ id: 1, status: 'pending' }], next_cursor: null });
    await john.patch('/orders/1/cancel').expect(200);
    expect(await john.order(1)).toMatchObject({ status: 'cancelled', allowed_actions: [] });
  });

  it('processes orders on schedule, and tells so on stdout and in api.log', async () => {
    const server = await start({ PROCESSING_CRON: '* * * * * *', FULFILMENT_DELAY_MS: '10' });
    const user = await server.api.signUp();
    const { id } = await user.placeOrder();
    await waitUntil(async () => (await user.order(id)).status === 'completed');
    await server.stop();

    const file = await readFile(join(folder.path, 'api.log'), 'utf8');
    for (const lines of [server.process.output, file.trim().split('\n')]) {
      const steps = lines
        .map((line) => JSON.parse(line) as { order_id?: number; from?: string; to?: string })
        .filter(({ order_id }) => order_id === id)
        .map(({ from, to }) => `${from} -> ${to}`);
      expect(steps).toEqual([
        'null -> pending',
        'pending -> processing',
        'processing -> completed',
      ]);
    }
  });

  it('keeps every acknowledged order when it is killed', async () => {
    const first = await start();
    const user = await first.api.signUp();
    const acknowledged: number[] = [];
    const placing = Array.from({ length: 10 }, async () => {
      try {
        for (;;) acknowledged.push((await user.placeOrder()).id);
      } catch {
        // The server is gone.
      }
    });
    await waitUntil(() => acknowledged.length >= 100);
    await first.stop('SIGKILL');
    await Promise.all(placing);

    const second = await start();
    const again = second.api.withToken(user.token!);
    for (const id of acknowledged) expect((await again.order(id)).id).toBe(id);
  });

  it('ends in order on SIGTERM, and logs the beginning and the end', async () => {
    const server = await start();
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    const lines = linesOf(server.process.output).slice(-2);
    expect(lines).toMatchObject([
      { msg: 'Shutdown begins: SIGTERM' },
      { msg: 'Shutdown is complete', duration_ms: expect.any(Number) },
    ]);
    const file = await readFile(join(folder.path, 'api.log'), 'utf8');
    expect(linesOf(file.trim().split('\n')).slice(-2)).toEqual(lines);
  });

  it('logs what it starts with, and no credentials', async () => {
    const { version } = JSON.parse(
      await readFile(join(__dirname, '..', 'package.json'), 'utf8'),
    ) as { version: string };
    // Nothing listens there; the server works without.
    const server = await start({ REDIS_URL: 'redis://user:hidden-password@127.0.0.1:1/1' });
    const lines = linesOf(server.process.output);
    expect(lines[0]).toMatchObject({
      msg: `Version ${version} starts on Node.js ${process.version}`,
      version,
      node: process.version,
      environment: 'development',
      database: locationOf(database),
      migrate_on_start: true,
      redis: '127.0.0.1:1',
      processing: '0 */2 * * * *',
    });
    const messages = lines.map(({ msg }) => msg);
    expect(messages).toContainEqual(expect.stringMatching(/^Migrations run: CreateUsers\d+, /));
    expect(messages).toContain('Orders are fulfilled by: simulated');
    expect(lines.filter(({ level, context }) => level === 'warn' && context === 'Server')).toEqual(
      [],
    );
    await server.stop();
    expect(server.process.output.join('\n')).not.toContain('hidden-password');

    const next = await start({ PROCESSING_ENABLED: 'false' });
    const nextLines = linesOf(next.process.output);
    expect(nextLines[0]).toMatchObject({ redis: null, processing: null });
    expect(nextLines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining([
        'No migration is pending',
        'Processing is off: this instance serves HTTP only',
      ]),
    );
  });

  it('warns in production of SQLite and of simulated work', async () => {
    const server = await start({
      NODE_ENV: 'production',
      JWT_SECRET: 'k9wV0s3Jq7tYb2NcX5zRf8HdLm4PgTuA',
      BCRYPT_COST: '10',
    });
    const warnings = linesOf(server.process.output)
      .filter(({ level }) => level === 'warn')
      .map(({ msg }) => msg);
    expect(warnings).toEqual([
      ...(isPostgres() ? [] : [expect.stringContaining('need DATABASE_URL')]),
      'No step is registered: orders are completed by simulated work',
    ]);
  });

  it.each([
    ['', 'JWT_SECRET is not set: a restart invalidates all tokens'],
    ['qwertz', 'JWT_SECRET must be at least 32 bytes in production'],
    ['change-me-change-me-change-me-123', 'JWT_SECRET must not be an example value in production'],
  ])('warns outside production of the secret "%s"', async (JWT_SECRET, warning) => {
    const server = await start({ JWT_SECRET });
    const lines = linesOf(server.process.output);
    expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', msg: warning }));
    if (JWT_SECRET) expect(server.process.output.join('\n')).not.toContain(JWT_SECRET);
  });

  it('answers others within 100 ms while 16 logins are in flight', async () => {
    const { api } = await start({ BCRYPT_COST: '11' });
    const account = { email: 'busy@example.com', password: 'correct horse' };
    await api.post('/auth/register', { name: 'Busy', ...account }).expect(201);
    const inFlight = { count: 16 };
    const logins = Array.from({ length: 16 }, async () => {
      const { status } = await api.post('/auth/login', account);
      inFlight.count--;
      return status;
    });
    const durations: number[] = [];
    while (inFlight.count > 0) {
      const before = performance.now();
      await api.get('/').expect(200);
      durations.push(performance.now() - before);
    }
    expect(await Promise.all(logins)).toEqual(Array.from({ length: 16 }, () => 200));
    durations.sort((a, b) => a - b);
    const median = durations[Math.floor(durations.length / 2)]!;
    expect(durations.length).toBeGreaterThan(16);
    expect(median).toBeLessThan(100);
  }, 120_000);

  it('makes an account an admin by command, while it runs', async () => {
    const { api } = await start();
    const user = await api.signUp();
    const promote = async (email: string) => {
      const command = new BuildProcess('users/promote-user.js', folder.path, database.environment, [
        email,
      ]);
      const { code } = await command.exit;
      return { code, output: command.output.join('\n') };
    };
    expect(await promote(` ${user.email.toUpperCase()}`)).toEqual({
      code: 0,
      output: `${user.email} is an admin now`,
    });
    expect((await user.get('/users/me')).body).toMatchObject({ role: 'admin' });
    expect(await promote('nobody@example.com')).toEqual({
      code: 1,
      output: 'No account has nobody@example.com',
    });
  });

  it('migrates by command, without any secret', async () => {
    const run = async (...args: string[]) => {
      const environment = { ...database.environment, NODE_ENV: 'production' };
      const command = new BuildProcess(
        'database/migrations-cli.js',
        folder.path,
        environment,
        args,
      );
      const { code } = await command.exit;
      return { code, output: command.output };
    };
    expect(await run('show')).toMatchObject({ code: 3 });
    const { output: log, ...first } = await run('run');
    expect(first).toEqual({ code: 0 });
    expect(log).toContain('Building the index orders_user_id_created_at_idx');
    expect(log.at(-1)).toMatch(/^Migrations run: CreateUsers/);
    const { code, output } = await run('show');
    expect(code).toBe(0);
    expect(output.length).toBeGreaterThan(5);
    for (const line of output) expect(line).toMatch(/^\[X\] \w+\d{13}$/);
    const [last] = output.slice(-1);
    expect(await run('revert')).toEqual({ code: 0, output: [`Reverted: ${last!.slice(4)}`] });
    expect((await run('show')).output.at(-1)).toBe(last!.replace('X', ' '));
    expect(await run('sideways')).toMatchObject({ code: 2 });
    expect(await run()).toMatchObject({ code: 2 });
  }, 60_000);

  it.each(['migration:run', 'migration:revert', 'migration:show', 'user:promote', 'start:prod'])(
    'has a command %s that asks for the build where there is none',
    async (command) => {
      await copyFile(join(__dirname, '..', 'package.json'), join(folder.path, 'package.json'));
      const run = promisify(execFile)('npm', ['run', '--silent', command], { cwd: folder.path });
      await expect(run).rejects.toMatchObject({
        code: 1,
        stderr: 'Nothing is built: run npm run build first\n',
      });
    },
  );

  it('stops with the names of bad variables, and without a stack', async () => {
    const server = new BuildProcess('main.js', folder.path, { PORT: 'http', LOG_LEVEL: 'loud' });
    expect(await server.exit).toEqual({ code: 1, signal: null });
    expect(server.output.join('\n')).toMatch(
      /^Invalid configuration:\n  - PORT must .*\n[^]*  - LOG_LEVEL must /m,
    );
    const logged = server.output.filter((line) => line.startsWith('{'));
    expect(linesOf(logged)).toEqual([
      expect.objectContaining({
        level: 'fatal',
        msg: 'The server could not start: invalid configuration',
        problems: expect.arrayContaining([expect.stringMatching(/^PORT must /)]),
      }),
    ]);
    expect(server.output.join('\n')).not.toMatch(/loud|\bat /);
  });

  it('refuses to start in production without a JWT secret', async () => {
    const server = new BuildProcess('main.js', folder.path, {
      NODE_ENV: 'production',
      ...database.environment,
    });
    expect(await server.exit).toEqual({ code: 1, signal: null });
    expect(server.output.join('\n')).toContain('JWT_SECRET must be at least 32 bytes');
  });

  describe('documents itself', () => {
    it('in an OpenAPI 3.1 document with a summary, examples and errors for every route', async () => {
      const { api } = await start();
      const document = (await api.get('/openapi.json').expect(200)).body as OpenAPIObject;
      expect(document.openapi).toBe('3.1.0');
      const operations = Object.entries(document.paths).flatMap(([path, item]) =>
        Object.entries(item as Record<string, Operation>).map(
          ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
        ),
      );
      const routes = [
        'GET /',
        'GET /admin/orders',
        'GET /admin/orders/stats',
        'GET /admin/orders/{id}',
        'GET /health/live',
        'GET /health/ready',
        'GET /orders',
        'GET /orders/{id}',
        'GET /orders/{id}/history',
        'GET /users/me',
        'PATCH /orders/{id}/cancel',
        'POST /admin/orders/{id}/retry',
        'POST /admin/processing/runs',
        'POST /auth/login',
        'POST /auth/register',
        'POST /orders',
      ];
      expect(operations.map(([route]) => route)).toEqual(expect.arrayContaining(routes));
      const { responses: shared } = document.components as { responses: Operation['responses'] };
      for (const [route, operation] of operations) {
        expect([route, operation.summary]).toEqual([route, expect.stringMatching(/\w+.*\.$/)]);
        const [success] = Object.keys(operation.responses);
        expect([route, success]).toEqual([route, expect.stringMatching(/^20[0124]$/)]);
        expect([route, Object.keys(operation.responses)]).toEqual([
          route,
          expect.arrayContaining(['400', '500', '503']),
        ]);
        const isPublic =
          /^(GET \/$|GET \/(health|problems)|POST \/auth\/(register|login|refresh)$)/.test(route);
        expect([route, operation.security]).toEqual([route, isPublic ? [] : undefined]);
        if (!isPublic) expect(operation.responses).toHaveProperty('401');
        if (!/^GET \/($|health|problems)/.test(route)) {
          const limited = resolve(operation.responses['429'], shared);
          expect(limited).toMatchObject({ headers: { 'Retry-After': {} } });
        }
        if (operation.requestBody) {
          expect(operation.responses).toHaveProperty('413');
          expect(operation.responses).toHaveProperty('415');
        }
      }
      expect(document.components?.schemas?.['PlaceOrderRequest']).toMatchObject({
        properties: {
          product_name: { minLength: 1, maxLength: 200, example: 'Laptop' },
          amount: { minimum: 0.01, maximum: 9999999999.99, example: 999.99 },
        },
        required: ['product_name', 'amount'],
      });
    });

    it('with the parameters and headers of orders', async () => {
      const { api } = await start();
      const { paths, components } = (await api.get('/openapi.json').expect(200))
        .body as OpenAPIObject;
      const { responses: shared } = components as { responses: Operation['responses'] };
      // Any operation can answer with the others.
      const isOwn = (name: string) => !/^(X-Request-Id|RateLimit.*)$/.test(name);
      const described = (path: string, method: 'get' | 'post' | 'patch') => {
        const { parameters = [], responses } = paths[path]![method] as unknown as Operation;
        return {
          parameters: parameters.map(({ in: where, name }) => `${where} ${name}`).toSorted(),
          headers: Object.fromEntries(
            Object.entries(responses)
              .map(
                ([status, response]) => [status, resolve(response, shared)?.headers ?? {}] as const,
              )
              .map(
                ([status, headers]) =>
                  [status, Object.keys(headers).filter(isOwn).toSorted()] as const,
              )
              .filter(([, names]) => names.length > 0),
          ),
          statuses: Object.keys(responses),
        };
      };
      const page = ['created_from', 'created_to', 'cursor', 'limit', 'status'];
      const query = (names: string[]) => names.map((name) => `query ${name}`);
      const list = { parameters: query(page), headers: { 200: ['Link'] } };
      expect(described('/orders', 'get')).toMatchObject(list);
      expect(described('/admin/orders', 'get')).toMatchObject({
        ...list,
        parameters: query([...page, 'user_id']),
      });
      expect(described('/orders', 'post')).toMatchObject({
        parameters: ['header Idempotency-Key'],
        headers: {
          201: ['ETag', 'Idempotent-Replayed', 'Location'],
          401: ['WWW-Authenticate'],
          409: ['Retry-After'],
          503: ['Retry-After'],
        },
        statuses: expect.arrayContaining(['409', '422']),
      });
      for (const path of ['/orders/{id}', '/admin/orders/{id}']) {
        expect(described(path, 'get')).toMatchObject({
          parameters: ['header If-None-Match', 'path id'],
          headers: { 200: ['ETag'], 304: ['ETag'] },
        });
      }
      expect(described('/orders/{id}/cancel', 'patch')).toMatchObject({
        parameters: ['header If-Match', 'path id'],
        headers: { 200: ['ETag'] },
        statuses: expect.arrayContaining(['409', '412']),
      });
      const status = (paths['/orders']!.get as unknown as Operation).parameters!.find(
        ({ name }) => name === 'status',
      );
      // What generators assume as well: the parameter is repeated for each status.
      expect(status).toMatchObject({ style: 'form', explode: true, schema: { type: 'array' } });
    });

    it('in an explorer that is served from the package', async () => {
      const { api } = await start();
      const page = await api.get('/docs').expect(200);
      expect(page.text).toContain('<title>Order Management API</title>');
      const assets = [...page.text.matchAll(/(?:src|href)="\.\/(docs\/[^"]+)"/g)];
      expect(assets.length).toBeGreaterThan(2);
      for (const [, asset] of assets) await api.get(`/${asset}`).expect(200);
      expect(page.text).not.toMatch(/(src|href)="(https?:)?\/\//);
      const settings = await api.get('/docs/swagger-ui-init.js').expect(200);
      expect(settings.text).toContain('"persistAuthorization": true');
    });
  });
});

function linesOf(output: readonly string[]): Record<string, unknown>[] {
  return output.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function locationOf({ environment }: TestDatabase): string {
  if (!isPostgres()) return `SQLite file ${environment['DATABASE_PATH']}`;
  const { hostname, port, pathname } = new URL(environment['DATABASE_URL']!);
  return `PostgreSQL at ${hostname}:${port || '5432'}${pathname}`;
}

interface Operation {
  readonly summary?: string;
  readonly security?: unknown[];
  readonly requestBody?: unknown;
  readonly parameters?: { readonly in: string; readonly name: string }[];
  readonly responses: Record<string, DescribedResponse>;
}

interface DescribedResponse {
  readonly $ref?: string;
  readonly headers?: object;
}

/** Follows a reference to a response that operations share. */
function resolve(
  response: DescribedResponse | undefined,
  shared: Operation['responses'],
): DescribedResponse | undefined {
  const name = response?.$ref?.split('/').at(-1);
  return name === undefined ? response : shared[name];
}
