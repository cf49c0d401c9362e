import { ShutdownState } from '../src/common/shutdown-state';
import { EventLog } from '../src/events/event-log';
import { MAX_OLDER_READS } from '../src/events/event-streams';
import { LogTail } from '../src/events/log-tail';
import { STREAM_LIMITS } from '../src/events/stream-places';
import { CONCURRENCY } from '../src/rate-limits/concurrency-limit.guard';
import { UsersService } from '../src/users/users.service';
import { type ApiClient, type SignedUp, expectProblem } from './support/api-client';
import { EventStreamClient } from './support/event-stream-client';
import { insertPendingOrders } from './support/insert-orders';
import { isLogRead } from './support/log-state';
import { metricsUrlOf, scrape } from './support/scrape';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

const HEARTBEAT_MS = 15_000;

describe('streams of events', () => {
  const opened: EventStreamClient[] = [];
  afterEach(() => opened.splice(0).forEach((stream) => stream.close()));

  const app = TestApp.forEachTest();
  let user: SignedUp;
  let admin: SignedUp;

  beforeEach(async () => {
    [user, admin] = [await app.api.signUp(), await app.signUpAdmin()];
  });

  const open = async (
    client: Pick<ApiClient, 'url' | 'token'>,
    options?: Parameters<typeof EventStreamClient.open>[1],
  ) => {
    const stream = await EventStreamClient.open(client, options);
    opened.push(stream);
    return stream;
  };
  const openAdmin = (lastEventId?: number) =>
    open(admin, {
      path: '/admin/events/stream',
      ...(lastEventId !== undefined && { lastEventId }),
    });

  /** Numbers new entries, and reads them for the streams. */
  const number = async () => {
    await app.periodicWork.step();
    await app.periodicWork.step();
  };

  const heartbeat = async () => {
    app.clock.advance(HEARTBEAT_MS);
    await app.periodicWork.step();
  };

  describe.each(['/events/stream', '/admin/events/stream'])('GET %s', (path) => {
    it('responds to HEAD without a body', async () => {
      const { hostname, port } = new URL(app.api.url);
      const response = await fetch(`http://${hostname}:${port}${path}`, {
        method: 'HEAD',
        headers: { Authorization: `Bearer ${admin.token}` },
      });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('');
    });
  });

  it('is forbidden to customers under /admin', async () => {
    expectProblem(await user.get('/admin/events/stream'), 403, 'forbidden');
  });

  it('sends the headers at once, and names the delay of reconnections', async () => {
    const stream = await open(user);
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'private, no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    await waitUntil(() => stream.retryMs !== undefined);
    expect(stream.retryMs).toBeGreaterThanOrEqual(2_000);
    expect(stream.retryMs).toBeLessThanOrEqual(5_000);
    expect(stream.lastEventId).toBe('0');
  });

  it('sends each transition of your orders from now on, and none of others', async () => {
    await user.placeOrder();
    await number();
    const [own, all] = [await open(user), await openAdmin()];
    const { id } = await user.placeOrder();
    await admin.placeOrder();
    await user.patch(`/orders/${id}/cancel`).expect(200);
    await number();
    await all.received(3);
    await own.received(2);
    expect(own.types).toEqual(['order.created', 'order.cancelled']);
    const { data } = (await user.get('/events?after=1').expect(200)).body as { data: object[] };
    expect(own.events.map((event) => event.data)).toEqual(data);
    expect(all.positions).toEqual([2, 3, 4]);
  });

  it('resumes after the Last-Event-ID, else after the position in the query', async () => {
    await user.placeOrders(5);
    await number();
    const resumed = await open(user, { lastEventId: 3 });
    const both = await open(user, { lastEventId: 4, path: '/events/stream?after=1' });
    const positioned = await open(user, { path: '/events/stream?after=1' });
    const empty = await open(user, { lastEventId: '', path: '/events/stream?after=2' });
    await user.placeOrder();
    await number();
    const streams = [resumed, both, positioned, empty];
    await waitUntil(() => streams.every(({ positions }) => positions.at(-1) === 6));
    expect(streams.map(({ positions }) => positions)).toEqual([
      [4, 5, 6],
      [5, 6],
      [2, 3, 4, 5, 6],
      [3, 4, 5, 6],
    ]);
  });

  it('misses nothing between an old position and what happens meanwhile', async () => {
    await insertPendingOrders(app.dataSource, user.userId, 1_500);
    await number();
    const stream = await openAdmin(0);
    await insertPendingOrders(app.dataSource, admin.userId, 1_500);
    await number();
    await stream.received(3_000);
    expect(stream.positions).toEqual(Array.from({ length: 3_000 }, (_, index) => index + 1));
  });

  it('sends a comment every 15 seconds', async () => {
    const stream = await open(user);
    await heartbeat();
    await waitUntil(() => stream.comments === 1);
    await app.periodicWork.step();
    await heartbeat();
    await waitUntil(() => stream.comments === 2);
  });

  it('takes no place among the simultaneous requests of its user', async () => {
    for (let n = 0; n < STREAM_LIMITS.perUser; n++) await open(user);
    const page = jest.spyOn(app.nest.get(EventLog), 'page');
    const held: (() => void)[] = [];
    page.mockImplementation(async ({ after }) => {
      await new Promise<void>((resolve) => held.push(resolve));
      return { events: [], through: after, hasMore: false };
    });
    const requests = Array.from({ length: CONCURRENCY.maxServed }, () => user.get('/events'));
    const responses = Promise.all(requests);
    try {
      await waitUntil(() => held.length === CONCURRENCY.maxServed);
    } finally {
      page.mockRestore();
      for (const release of held) release();
    }
    expect((await responses).every(({ status }) => status === 200)).toBe(true);
  });

  it('reads older events for 4 streams at the same time', async () => {
    await user.placeOrders(3);
    await number();
    const log = app.nest.get(EventLog);
    const read = log.page.bind(log);
    let [running, most, ended] = [0, 0, 0];
    const held: (() => void)[] = [];
    const page = jest.spyOn(log, 'page').mockImplementation(async (query) => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => held.push(resolve));
      running--;
      ended++;
      return read(query);
    });
    try {
      const clients = [user, admin, await app.api.signUp()];
      const streams = clients.flatMap((client) =>
        Array.from({ length: STREAM_LIMITS.perUser }, () =>
          open(client, { path: '/events/stream?after=0' }),
        ),
      );
      await Promise.all(streams);
      await waitUntil(() => {
        const expected = Math.min(MAX_OLDER_READS, streams.length - ended);
        if (running >= expected) for (const release of held.splice(0)) release();
        return ended === streams.length;
      });
      expect(most).toBe(MAX_OLDER_READS);
    } finally {
      page.mockRestore();
    }
  });

  it('is rejected beyond 5 per user, and accepted again when one has ended', async () => {
    for (let n = 0; n < STREAM_LIMITS.perUser; n++) await open(user);
    const refused = await user.get('/events/stream');
    expectProblem(refused, 503, 'service_unavailable');
    expect(refused.headers['retry-after']).toBe('30');
    expect((await open(admin)).status).toBe(200);
    expect(opened.every(({ hasEnded }) => !hasEnded)).toBe(true);
    opened[0]!.close();
    await waitUntil(async () => {
      const stream = await open(user);
      return stream.status === 200;
    });
  });

  it('frees the memory of the tail when the last client has gone', async () => {
    const tail = app.nest.get(LogTail);
    const stream = await open(user);
    await user.placeOrders(2);
    await number();
    await stream.received(2);
    expect(tail.latest).toBe(2);
    stream.close();
    await waitUntil(() => tail.latest === 0);
    const next = await open(user);
    await user.placeOrder();
    await number();
    await next.received(1);
    expect(next.positions).toEqual([3]);
  });

  it('ends when the session has ended, at the next heartbeat', async () => {
    const [stream, other] = [await open(user), await open(admin)];
    await user.post('/auth/logout').expect(204);
    await heartbeat();
    await stream.ended();
    expect(other.hasEnded).toBe(false);
  });

  it('ends for an account that is no admin any more', async () => {
    const [own, all] = [await open(admin), await openAdmin()];
    await app.nest.get(UsersService).changeRole(admin.email, 'customer');
    await waitUntil(async () => {
      await heartbeat(); // the role is known for some seconds
      return all.hasEnded;
    });
    expect(own.hasEnded).toBe(false);
  });

  it('goes on while the database cannot be read, and sends what happened meanwhile', async () => {
    const stream = await openAdmin();
    const query = jest.spyOn(app.dataSource.manager, 'query');
    await user.placeOrder();
    query.mockRejectedValue(new Error('unreachable'));
    await number();
    query.mockRestore();
    expect(stream.hasEnded).toBe(false);
    await number();
    await stream.received(1);
  });

  it('is 410 below what retention has deleted', async () => {
    await user.placeOrders(2);
    await number();
    await app.dataSource.query(
      `INSERT INTO deleted_events (user_id, position) VALUES (${user.userId}, 1)`,
    );
    const response = await user.get('/events/stream').set('Last-Event-ID', '0');
    expectProblem(response, 410, 'position_expired');
    const stream = await open(user, { lastEventId: 1 });
    await stream.received(1);
    expect(stream.positions).toEqual([2]);
  });

  it('is measured and logged as a success, however long it was open', async () => {
    const stream = await open(user);
    await user.placeOrder();
    await number();
    await stream.received(1);
    stream.close();
    await waitUntil(() => app.logLines.some(({ msg }) => msg === 'stream ended'));
    const line = app.logLines.find(({ msg }) => msg === 'stream ended');
    expect(line).toMatchObject({ level: 'info', res: { status: 200 }, user_id: user.userId });
  });

  it.each(['/events/stream', '/admin/events/stream'])(
    'is rejected above the latest position: %s',
    async (path) => {
      await user.placeOrder();
      await number();
      const byHeader = await admin.get(path).set('Last-Event-ID', '2');
      expectProblem(byHeader, 400, 'validation_failed');
      expect(byHeader.body).toMatchObject({ errors: [{ field: 'Last-Event-ID' }] });
      const byQuery = await admin.get(`${path}?after=2`);
      expectProblem(byQuery, 400, 'validation_failed');
      expect(byQuery.body).toMatchObject({ errors: [{ field: 'after' }] });
      expect((await open(admin, { path, lastEventId: 1 })).status).toBe(200);
    },
  );

  it('logs the first of many failures while the database cannot be read', async () => {
    await user.placeOrders(3);
    await number();
    const page = jest.spyOn(app.nest.get(EventLog), 'page');
    page.mockRejectedValue(new Error('unreachable'));
    const failures = () =>
      app.logLines.filter(({ msg }) => String(msg).startsWith('A stream could not')).length;
    const [first, second] = [await openAdmin(0), await open(user, { lastEventId: 0 })];
    await waitUntil(() => page.mock.calls.length >= 2);
    for (let n = 0; n < 5; n++) await app.periodicWork.step();
    await waitUntil(() => page.mock.calls.length >= 10);
    expect(failures()).toBe(1);
    app.clock.advance(61_000);
    await app.periodicWork.step();
    await waitUntil(() => failures() === 2);
    page.mockRestore();
    await app.periodicWork.step();
    await first.received(3);
    await second.received(3);
  });

  it('ends at the start of a shutdown, and no other is opened', async () => {
    const streams = [await open(user), await openAdmin()];
    app.nest.get(ShutdownState).onModuleDestroy();
    for (const stream of streams) await stream.ended();
    expectProblem(await user.get('/events/stream'), 503, 'service_unavailable');
  });
});

describe.each(['/events/stream', '/admin/events/stream'])('GET %s', (path) => {
  const app = TestApp.forSuite();
  let admin: SignedUp;

  beforeAll(async () => {
    admin = await app.signUpAdmin();
  });

  it('requires authentication', async () => {
    expectProblem(await app.api.get(path), 401, 'unauthenticated');
  });

  it.each(['after=-1', 'after=abc', 'after=1&after=2', 'limit=5', 'type=order.created'])(
    'rejects %s',
    async (query) => {
      expectProblem(await admin.get(`${path}?${query}`), 400, 'validation_failed');
    },
  );

  it.each(['abc', '-1', '1.5', '1e3', '9999999999999999', '1, 2'])(
    'rejects the Last-Event-ID %s',
    async (id) => {
      const response = await admin.get(path).set('Last-Event-ID', id);
      expectProblem(response, 400, 'validation_failed');
      expect(response.body).toMatchObject({ errors: [{ field: 'Last-Event-ID' }] });
    },
  );
});

describe('a stream whose access token expires', () => {
  const app = TestApp.forEachTest({ TOKEN_EXPIRE_MINUTES: '1' });

  it('ends, and is rejected with the same token', async () => {
    const user = await app.api.signUp();
    const stream = await EventStreamClient.open(user);
    await app.periodicWork.step();
    expect(stream.hasEnded).toBe(false);
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000);
    try {
      await app.periodicWork.step();
      await stream.ended();
      expectProblem(await user.get('/events/stream'), 401, 'invalid_token');
    } finally {
      now.mockRestore();
    }
  });
});

describe('streams while a shutdown is delayed', () => {
  const app = TestApp.forEachTest({ SHUTDOWN_DELAY_SECONDS: '1' });

  it('go on, and are opened, until connections are closed', async () => {
    const user = await app.api.signUp();
    const before = await EventStreamClient.open(user);
    const shutdown = app.nest.get(ShutdownState);
    shutdown.onModuleDestroy();
    const during = await EventStreamClient.open(user);
    await user.placeOrder();
    await app.periodicWork.step();
    await app.periodicWork.step();
    await before.received(1);
    await during.received(1);
    await shutdown.beforeApplicationShutdown('SIGTERM');
    for (const stream of [before, during]) {
      await stream.ended();
      expect(stream.response.complete).toBe(true);
    }
  });
});

describe('a stream whose client does not read', () => {
  const app = TestApp.forEachTest({ METRICS_PORT: '0' }, undefined, { inactivity: 8_000 });

  it('is disconnected after the timeout of inactive connections, and frees its place', async () => {
    const user = await app.api.signUp();
    await insertPendingOrders(app.dataSource, user.userId, 20_000, 'x'.repeat(200));
    await waitUntil(async () => {
      await app.periodicWork.step();
      return isLogRead(app.dataSource);
    });
    const reader = await EventStreamClient.open(user);
    const stream = await EventStreamClient.open(user, { lastEventId: 0 });
    stream.pause();
    await waitUntil(
      async () => {
        app.clock.advance(HEARTBEAT_MS);
        await app.periodicWork.step();
        return (await scrape(metricsUrlOf(app))).get('event_streams_open') === 1;
      },
      { deadlineMs: 80_000 },
    );
    expect(reader.hasEnded).toBe(false);
    expect(reader.comments).toBeGreaterThan(0);
    reader.close();
    stream.close();
  }, 120_000);
});

describe('metrics of streams', () => {
  const app = TestApp.forEachTest({ METRICS_PORT: '0' });

  it('count open and rejected streams', async () => {
    const user = await app.api.signUp();
    const streams: EventStreamClient[] = [];
    for (let n = 0; n < STREAM_LIMITS.perUser + 2; n++) {
      streams.push(await EventStreamClient.open(user));
    }
    const samples = await scrape(metricsUrlOf(app));
    expect(samples.get('event_streams_open')).toBe(STREAM_LIMITS.perUser);
    expect(samples.get('event_streams_rejected_total{limit="user"}')).toBe(2);
    for (const stream of streams) stream.close();
  });
});
