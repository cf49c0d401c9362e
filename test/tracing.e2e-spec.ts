import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import request from 'supertest';
import { PASSWORD, type SignedUp } from './support/api-client';
import { NEVER } from './support/cron';
import {
  OtlpCollector,
  type ReceivedSpan,
  SPAN_KIND,
  STATUS_ERROR,
} from './support/otlp-collector';
import { RawConnection, rawGet } from './support/raw-connection';
import { metricsUrlOfProcess } from './support/scrape';
import { ServerFleet } from './support/server-fleet';
import type { ServerProcess } from './support/server-process';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

/** Tests in which the database takes no part run once. */
const withAnyDatabase = isPostgres() ? describe.skip : describe;

type LogLine = Record<string, unknown>;

/** A span of a client, which the server continues. */
class RemoteSpan {
  readonly traceId = randomBytes(16).toString('hex');
  readonly spanId = randomBytes(8).toString('hex');
  readonly traceparent = `00-${this.traceId}-${this.spanId}-01`;
}

describe('Tracing', () => {
  const collector = OtlpCollector.forEachTest();
  const fleet = ServerFleet.forEachTest();

  const start = (environment: Record<string, string> = {}) =>
    fleet.start({ PROCESSING_CRON: NEVER, ...collector.environment, ...environment });

  const startFaulty = (environment: Record<string, string> = {}) =>
    fleet.startFaulty({ ...collector.environment, ...environment });

  /** The lines of the log. */
  const lines = ({ process: { output } }: ServerProcess): LogLine[] =>
    output.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);

  const lineOf = async (server: ServerProcess, isWanted: (line: LogLine) => boolean) => {
    await waitUntil(() => lines(server).some(isWanted));
    return lines(server).find(isWanted)!;
  };

  /** The span of a request, which continues a span of the client. */
  const serverSpan = ({ traceId }: RemoteSpan) =>
    collector.span((span) => span.traceId === traceId && span.kind === SPAN_KIND.server);

  const statementsOf = ({ traceId }: RemoteSpan) =>
    collector.spansOf(traceId).filter(({ attributes }) => 'db.query.text' in attributes);

  const operationsOf = (remote: RemoteSpan) =>
    statementsOf(remote).map(({ attributes }) => attributes['db.operation.name']);

  describe('of requests', () => {
    it('continues the trace of the client, with the route, the status and the statements', async () => {
      const server = await start();
      const user = await server.api.signUp();
      const { id } = await user.placeOrder();
      const remote = new RemoteSpan();
      await user.get(`/orders/${id}`).set('traceparent', remote.traceparent).expect(200);

      const span = await serverSpan(remote);
      expect(span).toMatchObject({
        parentSpanId: remote.spanId,
        name: 'GET /orders/{id}',
        attributes: {
          'http.request.method': 'GET',
          'http.route': '/orders/{id}',
          'http.response.status_code': 200,
          'url.path': `/orders/${id}`,
        },
        status: { code: 0, message: '' },
        resource: {
          'service.name': 'order-management-api',
          'service.version': expect.stringMatching(/^\d+\.\d+\.\d+$/),
          'service.instance.id': expect.any(String),
        },
      });
      expect(Object.keys(span.resource).filter((key) => /^(host|process|os)\./.test(key))).toEqual(
        [],
      );
      const statement = statementsOf(remote).find(({ attributes }) =>
        /^SELECT .* FROM orders WHERE/s.test(String(attributes['db.query.text'])),
      )!;
      expect(statement).toMatchObject({
        parentSpanId: span.spanId,
        kind: SPAN_KIND.client,
        name: expect.stringMatching(isPostgres() ? /^SELECT orders_test_\w+$/ : /^SELECT$/),
        attributes: {
          'db.system.name': isPostgres() ? 'postgresql' : 'sqlite',
          'db.operation.name': 'SELECT',
        },
      });
      expect(statement.attributes['db.query.text']).toContain(isPostgres() ? '$1' : '?');
      const line = await lineOf(
        server,
        ({ req, trace_id }) => !!req && trace_id === remote.traceId,
      );
      expect(line).toMatchObject({ span_id: span.spanId, trace_flags: '01' });
    });

    it('traces each statement of a transaction, and none of the work that it wakes', async () => {
      const server = await start();
      const user = await server.api.signUp();
      const { id } = await user.placeOrder();
      const remote = new RemoteSpan();
      await user.patch(`/orders/${id}/cancel`).set('traceparent', remote.traceparent).expect(200);
      const { spanId } = await serverSpan(remote);
      // Both events have their positions.
      await waitUntil(async () => (await user.get('/events').expect(200)).body.data.length === 2);
      const last = new RemoteSpan();
      await user.get('/users/me').set('traceparent', last.traceparent).expect(200);
      await serverSpan(last); // spans are exported in the order in which they end
      const statements = statementsOf(remote);
      expect(statements.every(({ parentSpanId }) => parentSpanId === spanId)).toBe(true);
      const operations = operationsOf(remote);
      // On PostgreSQL, the BEGIN is sent together with the first statement.
      const expected = isPostgres() ? ['WITH'] : ['BEGIN', 'UPDATE', 'INSERT'];
      expect(operations.slice(-1 - expected.length)).toEqual([...expected, 'COMMIT']);
    });

    it('keeps the traces of simultaneous and of pipelined requests apart', async () => {
      const server = await start();
      const user = await server.api.signUp();
      const { id } = await user.placeOrder();
      const path = `/orders/${id}`;
      const alone = new RemoteSpan();
      await user.get(path).set('traceparent', alone.traceparent).expect(200);
      await serverSpan(alone);
      const expected = operationsOf(alone);
      expect(expected).toContain('SELECT');
      const remotes = Array.from({ length: 60 }, () => new RemoteSpan());
      const requestOf = ({ traceparent, traceId }: RemoteSpan) =>
        rawGet(
          `Authorization: Bearer ${user.token}\r\ntraceparent: ${traceparent}\r\nX-Request-Id: ${traceId}`,
          path,
        );
      const connections = Array.from({ length: 6 }, () => RawConnection.open(server.api.url));
      for (const [n, connection] of connections.entries()) {
        connection.send(
          remotes
            .slice(n * 10, n * 10 + 10)
            .map(requestOf)
            .join(''),
        );
      }
      for (const remote of remotes) {
        const { spanId } = await serverSpan(remote);
        const parents = statementsOf(remote).map(({ parentSpanId }) => parentSpanId);
        expect(new Set(parents)).toEqual(new Set([spanId]));
        expect(operationsOf(remote)).toEqual(expected);
        const line = await lineOf(server, ({ request_id }) => request_id === remote.traceId);
        expect(line).toMatchObject({ trace_id: remote.traceId, span_id: spanId });
      }
      for (const { socket } of connections) socket.destroy();
    });

    it('has no route for a request that none has served, and the status of a problem', async () => {
      const { api } = await start();
      const [unknown, unauthenticated] = [new RemoteSpan(), new RemoteSpan()];
      await api.get('/nope').set('traceparent', unknown.traceparent).expect(404);
      await api.get('/orders/1').set('traceparent', unauthenticated.traceparent).expect(401);
      const span = await serverSpan(unknown);
      expect(span.name).toBe('GET');
      expect(span.attributes).toMatchObject({ 'http.response.status_code': 404 });
      expect(span.attributes).not.toHaveProperty('http.route');
      expect((await serverSpan(unauthenticated)).name).toBe('GET /orders/{id}');
    });

    it('has an error for a failure of the server, with the code of the database', async () => {
      const { api } = await start();
      const user = await api.signUp();
      await fleet.inspect((database) => database.query('ALTER TABLE orders RENAME TO orders_away'));
      const remote = new RemoteSpan();
      await user.get('/orders').set('traceparent', remote.traceparent).expect(500);
      expect(await serverSpan(remote)).toMatchObject({
        name: 'GET /orders',
        attributes: { 'http.response.status_code': 500, 'error.type': '500' },
        status: { code: STATUS_ERROR },
      });
      const failed = statementsOf(remote).find(({ status }) => status.code === STATUS_ERROR)!;
      expect(failed.status.message).toBe('');
      const code = isPostgres() ? '42P01' : 'SQLITE_ERROR';
      expect(failed.attributes).toMatchObject({
        'error.type': code,
        'db.response.status_code': code,
      });
    });

    it('leaves out probes and scrapes', async () => {
      const server = await start({ METRICS_TOKEN: 'scrape-token', METRICS_PORT: '0' });
      const { api } = server;
      for (const path of ['/', '/health/live', '/health/ready']) await api.get(path).expect(200);
      await request(api.url)
        .get('/metrics')
        .set('Authorization', 'Bearer scrape-token')
        .expect(200);
      const probe =
        'GET http://api.example.com/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
      expect(await RawConnection.exchange(api.url, probe)).toContain('200 OK');
      await request(metricsUrlOfProcess(server)).get('/metrics').expect(200);
      await request(metricsUrlOfProcess(server)).get('/another').expect(404);
      const last = new RemoteSpan();
      await api.get('/docs/').set('traceparent', last.traceparent);
      await serverSpan(last);
      expect(collector.spans.map(({ traceId }) => traceId)).toEqual([last.traceId]);
    });
  });

  describe('of orders', () => {
    it('has a trace for each attempt', async () => {
      const server = await startFaulty();
      const user = await server.api.signUp();
      const good = await user.placeOrder({ product_name: 'Laptop', amount: 1 });
      const bad = await user.placeOrder({ product_name: 'throws an error', amount: 1 });
      const attemptAt = ({ id }: { id: number }) =>
        collector.span(
          ({ name, attributes }) => name === 'process order' && attributes['order.id'] === id,
        );
      expect(await attemptAt(good)).toMatchObject({
        parentSpanId: '',
        kind: SPAN_KIND.consumer,
        attributes: { 'order.attempt': 1, 'order.outcome': 'completed' },
        status: { code: 0 },
      });
      const failed = await attemptAt(bad);
      expect(failed).toMatchObject({
        parentSpanId: '',
        attributes: { 'order.attempt': 1, 'order.outcome': 'postponed', 'error.type': 'Error' },
        status: { code: STATUS_ERROR, message: '' },
      });
      const line = await lineOf(server, ({ msg }) => msg === 'An attempt failed');
      expect(line).toMatchObject({ trace_id: failed.traceId, span_id: failed.spanId });
    });

    it('does not add a run to the trace of the request for it', async () => {
      const server = await start();
      const user = await server.api.signUp();
      const admin = await fleet.signUpAdmin(server.api);
      const { id } = await user.placeOrder();
      const remote = new RemoteSpan();
      const run = admin.post('/admin/processing/runs');
      await run.set('traceparent', remote.traceparent).expect(202);
      await waitUntil(async () => (await user.order(id)).status === 'completed');
      await collector.span(({ name }) => name === 'process order');
      await serverSpan(remote);
      const written = statementsOf(remote).filter(({ name }) => !name.startsWith('SELECT'));
      // Wakes all instances.
      expect(written.map(({ name }) => name)).toEqual([expect.stringMatching(/^INSERT\b/)]);
    });

    it('passes the trace on to services that a step calls, and records no path of them', async () => {
      const received: IncomingMessage[] = [];
      const service = createServer((incoming, response) => {
        received.push(incoming);
        response.end();
      });
      await once(service.listen(0, '127.0.0.1'), 'listening');
      try {
        const { port } = service.address() as AddressInfo;
        const FAULT_URL = `http://user:url-password@127.0.0.1:${port}/path-secret?key=query-secret`;
        const server = await startFaulty({ FAULT_URL });
        const user = await server.api.signUp();
        await user.placeOrder({ product_name: 'requests FAULT_URL', amount: 1 });
        const attempt = await collector.span(({ name }) => name === 'process order');
        const call = await collector.span(
          ({ kind, traceId }) => kind === SPAN_KIND.client && traceId === attempt.traceId,
        );
        expect(call.parentSpanId).toBe(attempt.spanId);
        expect(call.attributes['url.full']).toBe(`http://127.0.0.1:${port}/`);
        expect(received[0]!.headers['traceparent']).toBe(`00-${call.traceId}-${call.spanId}-01`);
        const exported = Buffer.concat(collector.bodies).toString();
        expect(/-secret|url-password/.exec(exported)?.[0]).toBeUndefined();
      } finally {
        service.close();
      }
    });
  });

  it('exports no secrets and nothing that a client has sent but the path', async () => {
    const { api } = await start();
    const user: SignedUp = await api.signUp();
    await api.post('/auth/login', { email: user.email, password: 'wrong-password' }).expect(401);
    await api.post('/auth/refresh', { refresh_token: user.refreshToken }).expect(200);
    await user.placeOrder({ product_name: 'product-secret', amount: 1 });
    const last = new RemoteSpan();
    await user
      .get(`/orders?cursor=query-secret&access_token=${user.token}`)
      .set('traceparent', last.traceparent)
      .set('baggage', 'key=baggage-secret')
      .set('Cookie', 'session=cookie-secret')
      .set('User-Agent', 'agent-secret')
      .set('X-Forwarded-For', '203.0.113.7')
      .set('tracestate', 'vendor=tracestate-secret')
      .set('Host', 'host-secret')
      .expect(400);
    // Each of these headers would replace the next one.
    for (const [name, value] of [
      ['Forwarded', 'for=203.0.113.7;host=forwarded-secret'],
      ['X-Forwarded-Host', 'forwarded-host-secret'],
    ] as const) {
      const remote = new RemoteSpan();
      await api.get('/docs/').set('traceparent', remote.traceparent).set(name, value).expect(200);
      await serverSpan(remote);
    }
    await serverSpan(last);
    const exported = Buffer.concat(collector.bodies).toString();
    expect(exported).toContain('/orders');
    const leaked = /-secret|203\.0\.113\.7|127\.0\.0\.1:\d|wrong-password|\$2[ab]\$/.exec(exported);
    expect(leaked?.[0]).toBeUndefined();
    const secrets = [PASSWORD, user.email, user.refreshToken, ...user.token!.split('.')];
    expect(secrets.filter((secret) => exported.includes(secret))).toEqual([]);
  });

  withAnyDatabase('with any database', () => {
    it('uses the variables of OpenTelemetry', async () => {
      const { api } = await start({
        OTEL_SERVICE_NAME: 'orders-eu',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-token',
        OTEL_TRACES_SAMPLER: 'parentbased_always_off',
      });
      const remote = new RemoteSpan();
      await api.get('/docs/').expect(200);
      await api.get('/docs/').set('traceparent', remote.traceparent).expect(200);
      const { resource } = await serverSpan(remote);
      expect(resource).toMatchObject({
        'service.name': 'orders-eu',
        'deployment.environment.name': 'staging',
      });
      expect(collector.headers[0]!.authorization).toBe('Bearer collector-token');
      const traces = new Set(collector.spans.map(({ traceId }: ReceivedSpan) => traceId));
      expect(traces).toEqual(new Set([remote.traceId]));
    });

    it('exports to OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, and logs only its origin', async () => {
      const server = await start({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
      });
      const remote = new RemoteSpan();
      await server.api.get('/docs/').set('traceparent', remote.traceparent).expect(200);
      await serverSpan(remote);
      const line = await lineOf(server, ({ msg }) => /^Version .* starts/.test(String(msg)));
      expect(line).toMatchObject({ traces: collector.url });
    });

    describe('while the collector fails', () => {
      const failures = (server: ServerProcess) =>
        lines(server).filter(({ msg }) => String(msg).startsWith('Traces could not be exported'));

      it('logs the first of several failures, and the end of them', async () => {
        const server = await start();
        collector.behaviour = 'reject';
        for (let n = 1; n <= 3; n++) {
          await server.api.get('/docs/').expect(200);
          await waitUntil(() => collector.bodies.length >= n);
        }
        collector.behaviour = 'accept';
        await server.api.get('/docs/').expect(200);
        const end = await lineOf(server, ({ msg }) => msg === 'Traces are exported again');
        // They are written by timers that the requests have started.
        for (const line of [end, ...failures(server)]) expect(line).not.toHaveProperty('trace_id');
        expect(failures(server)).toEqual([
          expect.objectContaining({ level: 'warn', context: 'Tracing', err: expect.anything() }),
        ]);
      });

      it.each(['away', 'hanging'] as const)(
        'serves requests and shuts down while it is %s',
        async (state) => {
          const server = await start({
            OTEL_BSP_MAX_QUEUE_SIZE: '64',
            // Exports to a collector that is away are retried until then.
            ...(state === 'away' && { OTEL_EXPORTER_OTLP_TIMEOUT: '200' }),
          });
          const user = await server.api.signUp();
          collector.behaviour = 'hang';
          if (state === 'away') await collector.stop();
          const slowest = await slowestOf(200, () => user.get('/users/me').expect(200));
          expect(slowest).toBeLessThan(6_000); // an export that hangs takes 10 s
          if (state === 'away') await waitUntil(() => failures(server).length > 0);
          else await waitUntil(() => collector.bodies.length > 0);
          expect(await server.stop()).toEqual({ code: 0, signal: null });
          const messages = lines(server).map(({ msg }) => msg);
          expect(messages.at(-1)).toBe('Shutdown is complete');
          if (state === 'away') expect(failures(server)).toHaveLength(1);
          else expect(messages).toContain('The last traces were not exported in time');
          expect(lines(server).filter(({ context }) => context === 'Tracing').length).toBeLessThan(
            15,
          );
        },
      );
    });

    it('exports the last spans during the shutdown', async () => {
      const server = await start({ OTEL_BSP_SCHEDULE_DELAY: '600000' });
      await server.api.get('/docs/').expect(200);
      expect(collector.spans).toEqual([]);
      await server.stop();
      expect(collector.spans.map(({ attributes }) => attributes['url.path'])).toEqual(['/docs/']);
    });

    describe('without OTEL_EXPORTER_OTLP_ENDPOINT', () => {
      const preload = {
        NODE_OPTIONS: `--require=${join(__dirname, 'support', 'list-modules.js')}`,
      };

      async function loadedBy(environment: Record<string, string>): Promise<string[]> {
        const server = await fleet.start({ ...preload, ...environment });
        await server.api.signUp();
        await server.stop();
        const loaded = await readFile(join(fleet.folder, 'loaded-modules.json'), 'utf8');
        return JSON.parse(loaded) as string[];
      }

      const isTracing = (file: string) => /opentelemetry|in-the-middle/.test(file);

      it('loads of OpenTelemetry only its API, for the metrics', async () => {
        const loaded = (await loadedBy({ METRICS_PORT: '0' })).filter(isTracing);
        expect(loaded.filter((file) => !file.includes('/@opentelemetry/api/'))).toEqual([]);
      });

      it('loads nothing of OpenTelemetry, and adds nothing to the log', async () => {
        const off = await loadedBy({});
        expect(off.filter(isTracing)).toEqual([]);
        expect(off.length).toBeGreaterThan(500);
        expect(fleet.output.join('\n')).not.toContain('trace_id');
        expect((await loadedBy(collector.environment)).filter(isTracing)).not.toEqual([]);
      });
    });

    it.each([
      ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '0'],
      ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'user:url-password'],
    ])('prevents the start with an invalid %s', async (variable, value) => {
      const environment = { ...collector.environment, [variable]: value };
      const { code, output } = await fleet.run('main.js', [], environment);
      expect(code).toBe(1);
      expect(output.join('\n')).toContain(`- ${variable} must `);
      expect(output.join('\n')).not.toContain('url-password');
    });

    it('prevents the start with an invalid URL, without its value', async () => {
      const { code, output } = await fleet.run('main.js', [], {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:url-password@collector:4318',
      });
      expect(code).toBe(1);
      expect(output.join('\n')).toContain(
        '- OTEL_EXPORTER_OTLP_ENDPOINT must be the http or https URL',
      );
      expect(output.join('\n')).not.toContain('url-password');
    });
  });
});

/** The longest of many requests one after another, in milliseconds. */
async function slowestOf(count: number, send: () => PromiseLike<unknown>): Promise<number> {
  let slowest = 0;
  for (let n = 0; n < count; n++) {
    const startedAt = performance.now();
    await send();
    slowest = Math.max(slowest, performance.now() - startedAt);
  }
  return slowest;
}
