import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { note } from '../support/fault-settings';
import { checkHistories, pathsOf, waitUntilSettled } from '../support/history-checker';
import { HttpLoad, type Outcome, placeAndList, tally, unserved } from '../support/http-load';
import { insertPendingOrders } from '../support/insert-orders';
import { ServerFleet } from '../support/server-fleet';
import { waitUntil } from '../support/wait-until';

/** Orchestrators kill after 30 s by default, of which 5 s are left for the network. */
const EXIT_WITHIN_MS = 25_000;
const EXITED = { code: 0, signal: null };

describe('a server that shuts down', () => {
  const fleet = ServerFleet.forEachTest();

  /** The number of attempts that have started. */
  const startedAttempts = () =>
    fleet.output.filter((line) => line.includes('Fulfilment begins')).length;

  const countByStatus = async (database: DataSource) => {
    const rows = await database.query<{ status: string; attempts: number; count: number }[]>(
      'SELECT status, attempts, count(*) AS count FROM orders GROUP BY status, attempts',
    );
    return Object.fromEntries(
      rows.map(({ status, attempts, count }) => [`${status}, attempts ${attempts}`, count]),
    );
  };

  it.each([
    ['while it processes orders', { PROCESSING_ENABLED: 'true' }],
    ['when it serves HTTP only', { PROCESSING_ENABLED: 'false' }],
  ])('fault 17: responds to every request that it accepted, %s', async (_, environment) => {
    const server = await fleet.start({ FULFILMENT_DELAY_MS: '1000', ...environment });
    const { token } = await server.api.signUp();
    const loads = [true, false].map(
      (keepAlive) =>
        new HttpLoad({
          clients: 10,
          keepAlive,
          giveUp: true,
          next: placeAndList(server.api.url, token),
        }),
    );
    const acknowledged = () => loads.flatMap((load) => load.acknowledged);
    const isBusy = () =>
      environment.PROCESSING_ENABLED === 'false' ||
      fleet.output.some((line) => line.includes('"to":"processing"'));
    await waitUntil(() => acknowledged().length >= 100 && isBusy());

    const signalled = performance.now();
    server.process.kill('SIGTERM');
    expect(await server.process.exit).toEqual(EXITED);
    const stoppedAfter = Math.round(performance.now() - signalled);
    await Promise.all(loads.map((load) => load.stop()));

    const outcomes = loads.flatMap((load) => load.outcomes);
    const late = outcomes.filter(({ endedAt }) => endedAt >= signalled);
    note(`SIGTERM under load: stopped after ${stoppedAfter} ms, ${JSON.stringify(tally(late))}`);
    expect(stoppedAfter).toBeLessThan(EXIT_WITHIN_MS);
    expect(late.some(({ status }) => status > 0)).toBe(true);
    expect(unserved(outcomes.filter(({ status }) => status > 0))).toEqual([]);
    const log = fleet.output.join();
    const withoutResponse = outcomes
      .filter(({ failure }) => failure !== undefined)
      .map((outcome) => `${outcome.failure}: ${evidenceOfAcceptance(outcome, signalled, log)}`)
      .filter((failure) => !failure.endsWith(NOT_ACCEPTED));
    expect(withoutResponse).toEqual([]);
    await fleet.inspect(async (database) => {
      // The outcome of a statement that exceeds its time limit is unknown.
      const unknown = outcomes.filter(({ request, status }) => {
        return request.method === 'POST' && status === 503;
      });
      const count = await checkHistories(database, acknowledged());
      expect(count).toBeGreaterThanOrEqual(acknowledged().length);
      expect(count).toBeLessThanOrEqual(acknowledged().length + unknown.length);
      expect(Object.keys(await countByStatus(database)).join()).not.toContain('processing');
    });
  });

  it('fault 17: completes its shutdown when SIGTERM is sent twice', async () => {
    const server = await fleet.startFaulty({ FULFILMENT_DELAY_MS: '4000' });
    const { id } = await (await server.api.signUp()).placeOrder();
    await waitUntil(() => startedAttempts() === 1);

    const signalled = performance.now();
    server.process.kill('SIGTERM');
    await delay(200);
    expect(server.process.hasExited).toBe(false);
    server.process.kill('SIGTERM');
    expect(await server.process.exit).toEqual(EXITED);
    expect(performance.now() - signalled).toBeLessThan(EXIT_WITHIN_MS);
    await fleet.inspect(async (database) => {
      expect(await countByStatus(database)).toEqual({ 'completed, attempts 1': 1 });
      await checkHistories(database, [id]);
    });
  });

  it('fault 18: completes the running attempts, and neither claims the other orders nor counts an attempt at them', async () => {
    const environment = {
      FULFILMENT_DELAY_MS: '5000',
      PROCESSING_CONCURRENCY: '50',
      PROCESSING_BATCH_SIZE: '100',
    };
    const first = await fleet.startFaulty(environment);
    const { userId } = await first.api.signUp();
    await fleet.inspect(async (database) => {
      await insertPendingOrders(database, userId, 120);
      await waitUntil(() => startedAttempts() >= 50);
      const signalled = performance.now();
      expect(await first.stop('SIGTERM')).toEqual(EXITED);
      expect(performance.now() - signalled).toBeLessThan(EXIT_WITHIN_MS);

      expect(await countByStatus(database)).toEqual({
        'completed, attempts 1': 50,
        'pending, attempts 0': 70,
      });
      const tallied: Record<string, number> = {};
      for (const path of (await pathsOf(database)).values()) {
        tallied[path.join(', ')] = (tallied[path.join(', ')] ?? 0) + 1;
      }
      expect(tallied).toEqual({
        'pending, processing, completed': 50,
        pending: 70,
      });
      expect(await database.query('SELECT token FROM order_leases')).toEqual([]);
      await checkHistories(database, []);
    });

    await fleet.start(environment);
    await fleet.inspect(async (database) => {
      await waitUntilSettled(database, 120_000);
      expect(await countByStatus(database)).toEqual({ 'completed, attempts 1': 120 });
      await checkHistories(database, []);
    });
  });
});

const NOT_ACCEPTED = 'not accepted';

/**
 * How a request shows that the server had accepted it. A server that shuts down can refuse or reset
 * new connections. Node.js accepts one connection per turn of the event loop, so some that clients
 * opened before the signal are not accepted when it arrives.
 */
function evidenceOfAcceptance(outcome: Outcome, signalled: number, log: string): string {
  if (log.includes(outcome.requestId)) return 'the server logged the request';
  if (outcome.sentAt < signalled) return 'sent before the signal';
  if (outcome.isReused) return 'sent on a reused connection';
  return NOT_ACCEPTED;
}
