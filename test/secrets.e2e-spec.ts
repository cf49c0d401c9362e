import { readFile } from 'node:fs/promises';
import request from 'supertest';
import type { TokenResponse } from '../src/auth/auth.dto';
import type { ApiClient } from './support/api-client';
import { RawConnection, rawGet } from './support/raw-connection';
import { metricsUrlOfProcess } from './support/scrape';
import { Secrets } from './support/secrets';
import { ServerFleet } from './support/server-fleet';
import type { ServerProcess } from './support/server-process';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

const secrets = new Secrets();
const METRICS_TOKEN = secrets.make('METRICS_TOKEN', 24);

/** What a server writes, and what shows that it was written. Another output is another line. */
const OUTPUTS: Readonly<
  Record<string, [marker: string, read: (server: ServerProcess) => string | Promise<string>]>
> = {
  'stdout and stderr': ['request completed', ({ process }) => process.output.join('\n')],
  'the log file': ['request completed', () => readFile(fleet.logFile, 'utf8')],
  'the metrics port': ['app_info', (server) => scrape(metricsUrlOfProcess(server))],
  'the metrics of the API': ['app_info', ({ api }) => scrape(api.url, METRICS_TOKEN)],
};

async function scrape(url: string, token = ''): Promise<string> {
  const scraped = request(url).get('/metrics').set('Authorization', `Bearer ${token}`);
  return (await scraped.expect(200)).text;
}

const fleet = ServerFleet.forSuite({
  LOG_LEVEL: 'trace',
  LOG_FILE: 'api.log',
  METRICS_PORT: '0',
  METRICS_TOKEN,
  JWT_SECRET: secrets.make('JWT_SECRET', 24),
  JWT_PREVIOUS_SECRETS: [1, 2].map((n) => secrets.make(`previous secret ${n}`, 24)).join(','),
  FAULT_SECRET: secrets.make('the secret of a step'),
});

describe('the output of a server has no secret', () => {
  let server: ServerProcess;
  let api: ApiClient;

  beforeAll(async () => {
    server = await fleet.startFaulty(databaseWithPassword());
    api = server.api;
  });

  afterEach(expectNoSecret);

  async function expectNoSecret(): Promise<void> {
    const last = `last-${Math.random().toString(36).slice(2)}`;
    await api.get('/').set('X-Request-Id', last);
    await waitUntil(async () => (await readFile(fleet.logFile, 'utf8')).includes(last));
    await waitUntil(() => server.process.output.join('\n').includes(last));
    for (const [name, [marker, read]] of Object.entries(OUTPUTS)) {
      const output = await read(server);
      expect(output).toContain(marker);
      expect({ [name]: secrets.findIn(output) }).toEqual({ [name]: [] });
      expect(output).not.toMatch(/\$2[ab]\$\d\d\$/);
    }
  }

  /** The test server of PostgreSQL may accept any password. */
  function databaseWithPassword(): Record<string, string> {
    if (!isPostgres()) return {};
    const { databaseUrl } = fleet;
    databaseUrl.password ||= secrets.make('DATABASE_URL');
    return { DATABASE_URL: databaseUrl.href };
  }

  let accounts = 0;

  async function register(): Promise<{ email: string; password: string }> {
    const account = {
      email: `secretive${++accounts}@example.com`,
      password: secrets.make('a password'),
    };
    await api.post('/auth/register', { name: 'John', ...account }).expect(201);
    return account;
  }

  async function logIn(account = register()): Promise<TokenResponse> {
    const { email, password } = await account;
    return addTokens(await api.logIn(email, password));
  }

  function addTokens(tokens: TokenResponse): TokenResponse {
    secrets.add('an access token', tokens.access_token);
    secrets.add('a refresh token', tokens.refresh_token);
    return tokens;
  }

  /** Sends bytes, and returns the status when the server has closed the connection. */
  async function exchange(bytes: string): Promise<number> {
    const response = await RawConnection.exchange(server.api.url, bytes);
    return Number(/^HTTP\/1\.1 (\d{3}) /.exec(response)?.[1]);
  }

  const json = (content: string) => ({ type: 'application/json', content });

  it('when accounts are registered', async () => {
    const account = await register();
    const body = { name: 'John', email: 'x@example.com', password: secrets.make('a password') };
    const send = (content: unknown) => api.post('/auth/register', content);
    const secret = () => secrets.make('a rejected value');
    await send({ name: 'John', ...account }).expect(409);
    await send({ ...body, password: secret().repeat(4) }).expect(400);
    await send({ ...body, password: [secret()] }).expect(400);
    await send({ ...body, role: secret() }).expect(400);
    await send({ ...body, [secret()]: 1 }).expect(400);
    await send({ ...body, email: secret() }).expect(400);
    await send({ ...body, name: { first: secret() } }).expect(400);
  });

  it('when users log in, with the right password and with another one', async () => {
    const { email, password } = await register();
    const wrong = secrets.make('a wrong password');
    await logIn(Promise.resolve({ email, password }));
    await api.post('/auth/login', { email, password: wrong }).expect(401);
    await api.post('/auth/login', { email: `${wrong}@example.com`, password: wrong }).expect(401);
    await api.post('/auth/login', { email, password: { is: wrong } }).expect(400);
    await api.post(`/auth/login?password=${wrong}`, { email, password: wrong }).expect(400);
  });

  it('when passwords are changed', async () => {
    const account = await register();
    const { access_token } = await logIn(Promise.resolve(account));
    const user = api.withToken(access_token);
    const change = (current_password: string, new_password: unknown) =>
      user.post('/auth/password', { current_password, new_password });
    const next = secrets.make('a new password');
    await change(secrets.make('a wrong password'), next).expect(401);
    await change(account.password, next.repeat(4)).expect(400);
    await change(account.password, [next]).expect(400);
    addTokens((await change(account.password, next).expect(200)).body as TokenResponse);
  });

  it('when a body cannot be read', async () => {
    const password = secrets.make('a password in a body');
    const body = `{"email":"x@example.com","password":"${password}"`;
    const send = (type: string, content: string) =>
      api.raw('post', '/auth/login', { type, content });
    await send('application/json', body).expect(400);
    await send('application/json', `${body}}}`).expect(400);
    await send('application/json', password).expect(400);
    await send('application/json', `"${password}"`).expect(400);
    await send('application/json', `${body},"x":"${' '.repeat(200_000)}"}`).expect(413);
    await send('application/json', `${body},"x":${'['.repeat(50)}`).expect(400);
    await send('text/plain', password).expect(415);
    await send('application/x-www-form-urlencoded', `password=${password}`).expect(415);
    await send(`application/json; charset=${password}`, `${body}}`).expect(415);
    await api
      .raw('post', '/auth/login', json(`${body}}`))
      .set('Content-Encoding', 'gzip')
      .expect(400);
  });

  it('when tokens are used, and where clients put them by mistake', async () => {
    const { access_token: token, refresh_token } = await logIn();
    const user = api.withToken(token);
    const basic = secrets.make('a password in a header');
    const credentials = Buffer.from(`john:${basic}`).toString('base64');
    await user.get('/users/me').expect(200);
    await api.withToken(`${token}x`).get('/users/me').expect(401);
    await api.withToken(refresh_token).get('/users/me').expect(401);
    await api.get('/users/me').set('Authorization', `Basic ${credentials}`).expect(401);
    await api.get('/users/me').set('Authorization', token).expect(401);
    await api
      .get('/users/me')
      .set('Cookie', `token=${token}; refresh=${refresh_token}`)
      .expect(401);
    await user.get('/users/me').set('Referer', `http://localhost/?token=${token}`).expect(200);
    for (const id of [token, refresh_token]) {
      const { headers } = await user.get('/users/me').set('X-Request-Id', id).expect(200);
      expect(secrets.findIn(JSON.stringify(headers))).toEqual([]);
    }
    const statuses: Record<string, number[]> = {};
    for (const path of ['/users/me', '/orders', '/nope', '/docs/']) {
      const responses = [
        await user.get(`${path}?access_token=${token}&refresh_token=${refresh_token}`),
        await user.get(`${path}/${token}`),
        await user.get(`${path}/${refresh_token}`),
        await user.get(`${path};token=${token}/x`),
      ];
      statuses[path] = responses.map(({ status }) => status);
    }
    expect(statuses).toEqual({
      '/users/me': [400, 404, 404, 404],
      '/orders': [400, 400, 400, 404],
      '/nope': [404, 404, 404, 404],
      '/docs/': [200, 404, 404, 404],
    });
    await user.get(`/orders?cursor=${token}`).expect(400);
    await user.post('/orders', { product_name: 'Laptop', amount: token }).expect(400);
    await user.post('/orders', { token, refresh_token }).expect(400);
    await user
      .post('/orders', { product_name: 'x', amount: 1 })
      .set('Idempotency-Key', `${token} x`)
      .expect(400);
  });

  it('when sessions are refreshed and ended', async () => {
    const { access_token, refresh_token } = await logIn();
    const refresh = (token: unknown) => api.post('/auth/refresh', { refresh_token: token });
    const [signature] = refresh_token.split('.').slice(-1);
    await refresh(refresh_token.replace(signature!, signature!.toLowerCase())).expect(401);
    await refresh([refresh_token]).expect(400);
    await refresh(access_token).expect(401);
    const next = addTokens((await refresh(refresh_token).expect(200)).body as TokenResponse);
    const last = addTokens((await refresh(next.refresh_token).expect(200)).body as TokenResponse);
    await refresh(refresh_token).expect(401); // used before: the session ends
    await refresh(last.refresh_token).expect(401);
    const { access_token: other } = await logIn();
    await api.withToken(other).delete(`/auth/sessions/${other}`).expect(400);
    await api.withToken(other).post('/auth/logout').expect(204);
    await api.withToken(other).get('/users/me').expect(401);
  });

  it('when requests are malformed', async () => {
    const { access_token: token } = await logIn();
    const password = secrets.make('a password in a request');
    const authorization = `Authorization: Bearer ${token}`;
    const end = 'Connection: close\r\n';
    const statuses = [
      await exchange(rawGet(`${authorization}\r\nX-Long: ${password.repeat(1_000)}\r\n${end}`)),
      await exchange(rawGet(`${`${authorization}\r\n`.repeat(101)}${end}`)),
      await exchange(rawGet(`${authorization}\r\n${password} : x\r\n${end}`)),
      await exchange(rawGet(`${authorization}\r\nHost: ${password}\r\n${end}`)),
      await exchange(rawGet(`Expect: ${password}\r\n${end}`)),
      await exchange(`${password} / HTTP/1.1\r\nHost: a\r\n\r\n`),
      await exchange(`GET /orders?token=${token} HTTP/1.${password}\r\nHost: a\r\n\r\n`),
      await exchange(
        `GET http://john:${password}@localhost/orders HTTP/1.1\r\nHost: a\r\n${end}\r\n`,
      ),
      await exchange(`CONNECT john:${password}@localhost:443 HTTP/1.1\r\nHost: a\r\n\r\n`),
      await exchange(`${authorization}\r\n\r\n`),
      await exchange(
        'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n' +
          `Transfer-Encoding: chunked\r\n\r\n${password}\r\n{"password":"${password}"}\r\n0\r\n\r\n`,
      ),
      await exchange(
        'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n' +
          `Content-Length: 9\r\n\r\n{"password":"${password}"}`,
      ),
    ];
    expect(statuses).toEqual([431, 431, 400, 400, 417, 400, 400, 400, 405, 400, 400, 400]);
    // The client leaves in the middle of its password.
    const leaving = RawConnection.open(server.api.url);
    leaving.send(
      'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n' +
        `X-Request-Id: left\r\nContent-Length: 900\r\n\r\n{"password":"${password}`,
    );
    await waitUntil(() => leaving.socket.bytesWritten > 0);
    leaving.socket.end();
    await leaving.closed();
  });

  it('when metrics are scraped', async () => {
    const { access_token: token } = await logIn();
    const wrong = secrets.make('a wrong METRICS_TOKEN', 24);
    await api.withToken(wrong).get('/metrics').expect(401);
    await api.withToken(token).get('/metrics').expect(401);
    await api.get(`/metrics?token=${METRICS_TOKEN}`).expect(400);
    await api.get(`/metrics/${METRICS_TOKEN}`).expect(404);
    const port = request(metricsUrlOfProcess(server));
    await port.get(`/metrics?token=${METRICS_TOKEN}`).expect(200);
    await port.get(`/${METRICS_TOKEN}`).expect(404);
  });

  it('when the database fails', async () => {
    const account = await register();
    const tokens = await logIn(Promise.resolve(account));
    const user = api.withToken(tokens.access_token);
    const tables = ['users', 'sessions'];
    const rename = (from: string, to: string) =>
      fleet.inspect(async (database) => {
        for (const table of tables) {
          await database.query(`ALTER TABLE ${table}${from} RENAME TO ${table}${to}`);
        }
      });
    await rename('', '_away');
    try {
      const password = secrets.make('a password of a failed request');
      const body = { name: 'John', email: 'late@example.com', password };
      await api.post('/auth/register', body).expect(500);
      await api.post('/auth/login', { email: account.email, password }).expect(500);
      await api.post('/auth/refresh', { refresh_token: tokens.refresh_token }).expect(500);
      await user
        .post('/auth/password', { current_password: account.password, new_password: password })
        .expect(500);
    } finally {
      await rename('_away', '');
    }
  });

  it('when users cancel orders with a reason that is private', async () => {
    const { access_token } = await logIn();
    const user = api.withToken(access_token);
    const { id } = await user.placeOrder();
    const reason = secrets.make('the reason of a cancellation');
    const cancelled = await user.patch(`/orders/${id}/cancel`, { reason });
    expect([200, 409]).toContain(cancelled.status); // the job may have been faster
  });

  it('when a step fails with the URL and the request of its service', async () => {
    const { access_token } = await logIn();
    const user = api.withToken(access_token);
    const order = { product_name: 'throws credentials', amount: 1 };
    const { id } = await user.placeOrder(order);
    await waitUntil(async () => (await user.history(id)).length === 3);
    await waitUntil(() =>
      server.process.output.join('\n').includes('amqp://[redacted]@broker:5672/orders'),
    );
    expect(JSON.stringify(await user.history(id))).not.toContain('broker');
  });

  it('when the server ends because of an uncaught error', async () => {
    const { access_token } = await logIn();
    const order = { product_name: 'throws credentials where nothing catches them', amount: 1 };
    await api.withToken(access_token).placeOrder(order);
    expect(await server.process.exit).toEqual({ code: 1, signal: null });
    const output = server.process.output.join('\n');
    server = await fleet.startFaulty(databaseWithPassword()); // for what follows each test
    api = server.api;
    expect(output).toContain('An error was not caught, shutting down');
    expect(secrets.findIn(output)).toEqual([]);
  });
});
