import { setTimeout as delay } from 'node:timers/promises';
import { FAULTS, note } from '../../support/fault-settings';
import { checkHistories, waitUntilSettled } from '../../support/history-checker';
import { HttpLoad, type Outcome, slowest, tally, unserved } from '../../support/http-load';
import { ServerFleet } from '../../support/server-fleet';
import type { ServerProcess } from '../../support/server-process';
import { StallMeter } from '../../support/stall-meter';
import { TcpProxy } from '../../support/tcp-proxy';
import { waitUntil } from '../../support/wait-until';

const OUTAGE_MS = FAULTS.outageSeconds * 1_000;

describe('a server during an outage of its database', () => {
  let network: TcpProxy;
  let server: ServerProcess;
  let token: string;
  const loads: HttpLoad[] = [];

  afterEach(() => Promise.all(loads.splice(0).map((load) => load.stop())));

  const fleet = ServerFleet.forEachTest({
    PROCESSING_LEASE_SECONDS: '2',
    FULFILMENT_DELAY_MS: '100',
  });

  beforeEach(async () => {
    const url = fleet.databaseUrl;
    network = await TcpProxy.start({ host: url.hostname, port: Number(url.port || 5432) });
    url.host = `127.0.0.1:${network.port}`;
    server = await fleet.start({ DATABASE_URL: url.href });
    token = (await server.api.signUp()).token!;
  });

  afterEach(() => network.close());

  const startLoad = (clients: number, pauseMs: number, ...paths: readonly string[]) => {
    const load = new HttpLoad({
      clients,
      pauseMs,
      next: (client) => {
        const [method, path] = paths[client % paths.length]!.split(' ') as ['GET' | 'POST', string];
        const body = { product_name: 'Laptop', amount: 1 };
        return { url: server.api.url, token, method, path, ...(method === 'POST' && { body }) };
      },
    });
    loads.push(load);
    return load;
  };

  /** Users who read and write, and an orchestrator that checks the health. */
  const startLoads = async () => {
    const started = {
      users: startLoad(8, 20, 'POST /orders', 'GET /orders'),
      live: startLoad(1, 100, 'GET /health/live'),
      ready: startLoad(1, 100, 'GET /health/ready'),
    };
    await placed(started.users, 30);
    return started;
  };

  /** Waits until this many more orders were acknowledged. */
  const placed = async (load: HttpLoad, count: number) => {
    const before = load.acknowledged.length;
    await waitUntil(() => load.acknowledged.length >= before + count);
  };

  /**
   * Waits until a request of each load began and ended during the outage.
   * @returns the end of the outage
   */
  const endedDuring = async (from: number, ...outageLoads: readonly HttpLoad[]) => {
    await waitUntil(() =>
      outageLoads.every(({ outcomes }) => between(outcomes, from, performance.now()).length > 0),
    );
    return performance.now();
  };

  /**
   * Waits until the server is ready and has placed 20 more orders.
   * @returns how long it took, without the time in which this process stood still
   */
  const recovered = async (users: HttpLoad) => {
    const restored = performance.now();
    const endOfStalls = new StallMeter().start();
    await waitUntil(async () => (await server.api.get('/health/ready')).status === 200, {
      description: 'the server is ready again',
    });
    await placed(users, 20);
    return Math.round(performance.now() - restored - endOfStalls());
  };

  const expectAlive = () => {
    const { hasExited, output } = server.process;
    expect(hasExited ? output.slice(-40) : []).toEqual([]);
  };

  /** Checks what must hold after each outage. */
  const expectSoundEnd = async (users: HttpLoad, live?: HttpLoad) => {
    await Promise.all(loads.map((load) => load.stop()));
    expectAlive();
    expect(users.failures).toEqual([]);
    expect(fleet.output.filter((line) => line.includes('internal_error'))).toEqual([]);
    expect(users.outcomes.filter(({ status }) => ![200, 201, 503].includes(status))).toEqual([]);
    if (live) expect(Object.keys(tally(live.outcomes))).toEqual(['200']);
    await fleet.inspect(async (database) => {
      await waitUntilSettled(database, 120_000);
      await checkHistories(database, users.acknowledged);
    });
    expect(fleet.output.filter((line) => /unhandled|uncaught/i.test(line))).toEqual([]);
  };

  const expectRefusals = (outcomes: readonly Outcome[], withinMs: number) => {
    expect(outcomes.length).toBeGreaterThan(0);
    expect(Object.keys(tally(outcomes))).toEqual(['503']);
    for (const { headers } of outcomes) expect(headers['retry-after']).toMatch(/^\d+$/);
    expect(slowest(outcomes)).toBeLessThan(withinMs);
  };

  it(`fault 8: responds with 503 within 3 s while connections are refused for ${FAULTS.outageSeconds} s, and recovers`, async () => {
    const { users, live, ready } = await startLoads();
    await network.refuse();
    const from = performance.now();
    await delay(OUTAGE_MS);
    const to = await endedDuring(from, users, ready);
    await network.forward();
    const recovery = await recovered(users);
    note(
      `Database down for ${FAULTS.outageSeconds} s: ${JSON.stringify(tally(users.outcomes))}, ` +
        `slowest response ${slowest(users.outcomes)} ms, recovered in ${recovery} ms`,
    );

    expectRefusals(between(users.outcomes, from, to), 3_000);
    expectRefusals(between(ready.outcomes, from, to), 3_000);
    expect(slowest(users.outcomes)).toBeLessThan(3_000);
    expect(slowest(live.outcomes)).toBeLessThan(1_000);
    expect(recovery).toBeLessThan(5_000);
    await expectSoundEnd(users, live);
  });

  it('fault 8: loses no order when all connections are ended five times', async () => {
    const { users, live } = await startLoads();
    for (let round = 0; round < 5; round++) {
      await fleet.inspect((database) =>
        database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        ),
      );
      await placed(users, 20);
    }
    note(`Connections ended five times: ${JSON.stringify(tally(users.outcomes))}`);
    expect(slowest(users.outcomes)).toBeLessThan(3_000);
    await expectSoundEnd(users, live);
  });

  it('fault 8: survives when new connections are ended', async () => {
    const users = startLoad(8, 20, 'POST /orders', 'GET /orders');
    // The last message of the database arrives together with its first.
    network.coalesce(200);
    const closeWhere = (condition: string) =>
      fleet.inspect(async (database) => {
        const closed = await database.query<unknown[]>(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${condition}`,
        );
        return closed.length;
      });
    for (let round = 0; round < 5; round++) {
      await closeWhere('true');
      await waitUntil(
        async () =>
          server.process.hasExited || (await closeWhere(`query = '' AND state = 'idle'`)) > 0,
        { description: 'a new connection was ended' },
      );
    }
    expectAlive();
    await network.forward();
    await recovered(users);
    await expectSoundEnd(users);
  });

  it('fault 9: responds with 503 within 5 s while the database is silent, and recovers', async () => {
    const { users, live, ready } = await startLoads();
    network.swallow();
    const from = performance.now();
    await delay(OUTAGE_MS + 1_000); // leaves each request its 5 s
    const to = await endedDuring(from, users, ready);
    await network.forward();
    const recovery = await recovered(users);
    note(
      `Database silent: ${JSON.stringify(tally(users.outcomes))}, ` +
        `slowest response ${slowest(users.outcomes)} ms, recovered in ${recovery} ms`,
    );

    expectRefusals(between(users.outcomes, from, to), 5_000);
    expectRefusals(between(ready.outcomes, from, to), 5_000);
    expect(slowest(users.outcomes)).toBeLessThan(5_000);
    expect(slowest(live.outcomes)).toBeLessThan(1_000);
    await expectSoundEnd(users, live);
  });

  it('fault 9: shuts down while the database is silent', async () => {
    const users = startLoad(4, 20, 'POST /orders');
    await placed(users, 30);
    network.swallow();
    await waitUntil(() => users.outcomes.some(({ status }) => status === 503));
    const signalled = performance.now();
    const endOfStalls = new StallMeter().start();
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalled - endOfStalls()).toBeLessThan(25_000);
  });

  it('fault 9: waits for a database that responds 200 ms late', async () => {
    const { users, live } = await startLoads();
    network.slowDown(200);
    const from = performance.now();
    await placed(users, 20);
    const to = performance.now();
    await network.forward();
    await recovered(users);
    const late = between(users.outcomes, from, to);
    note(`Database 200 ms late: ${JSON.stringify(tally(late))}, slowest ${slowest(late)} ms`);

    expect(late).not.toEqual([]);
    expect(unserved(late)).toEqual([]);
    expect(slowest(late)).toBeLessThan(5_000);
    await expectSoundEnd(users, live);
  });
});

/** The outcomes of requests that began and ended during the outage. */
function between(outcomes: readonly Outcome[], from: number, to: number): Outcome[] {
  return outcomes.filter(({ sentAt, endedAt }) => sentAt >= from && endedAt <= to);
}
