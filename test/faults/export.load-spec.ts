import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { SignedUp } from '../support/api-client';
import { note } from '../support/fault-settings';
import { HttpLoad, durationOf } from '../support/http-load';
import { addLongMetadata, insertPendingOrders } from '../support/insert-orders';
import { describeOnLinux, megabytesOf } from '../support/resident-memory';
import { ServerFleet } from '../support/server-fleet';
import type { ServerProcess } from '../support/server-process';
import { startDownload } from '../support/start-download';

/** Their names alone have 80 MB in UTF-8, and as much in the memory of a process. */
const ORDERS = 100_000;
const LONG_NAME = '😀'.repeat(200);

/** How many have as much metadata as the API accepts. It has 50 MB in UTF-8: a page of 200 would have 20. */
const ORDERS_WITH_METADATA = 500;

/** Of which some 60 MB are the heap and the page cache of a server that is not idle. */
const MAX_ADDED_MEGABYTES = 100;

describeOnLinux('an export of many orders', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  /** Reads a download at its speed, and returns how many lines it had. */
  async function countLines(response: IncomingMessage): Promise<number> {
    let lines = 0;
    for await (const chunk of response) lines += String(chunk).split('\n').length - 1;
    return lines;
  }

  /** Samples the memory of the server until the work has ended. */
  async function peakDuring(server: ServerProcess, work: Promise<unknown>): Promise<number> {
    let peak = 0;
    const timer = setInterval(() => (peak = Math.max(peak, megabytesOf(server))), 20);
    await work.finally(() => clearInterval(timer));
    return peak;
  }

  async function startServer(): Promise<{ server: ServerProcess; user: SignedUp }> {
    const server = await fleet.start();
    const user = await server.api.signUp();
    await fleet.inspect(async (database) => {
      await insertPendingOrders(database, user.userId, ORDERS, LONG_NAME);
      await addLongMetadata(database, user.userId, ORDERS_WITH_METADATA);
    });
    return { server, user };
  }

  it('takes little memory, and delays other requests little', async () => {
    const { server, user } = await startServer();
    const idle = megabytesOf(server);
    const others = new HttpLoad({
      clients: 2,
      pauseMs: 5,
      next: () => ({ url: server.api.url, method: 'GET', path: '/health/live' }),
    });
    const startedAt = performance.now();
    const lines = countLines(await startDownload(user, '/orders/export'));
    const peak = await peakDuring(server, lines);
    const seconds = (performance.now() - startedAt) / 1_000;
    await others.stop();

    expect(await lines).toBe(ORDERS + 1);
    const durations = others.outcomes.map(durationOf).toSorted((a, b) => a - b);
    const p99 = durations[Math.floor(durations.length * 0.99)]!;
    note(
      `export: ${Math.round(ORDERS / seconds)} orders per second, ` +
        `${Math.round(peak - idle)} MB more than when idle; p99 of others ${Math.round(p99)} ms`,
    );
    expect(peak - idle).toBeLessThan(MAX_ADDED_MEGABYTES);
    expect(others.outcomes.every(({ status }) => status === 200)).toBe(true);
    expect(p99).toBeLessThan(1_000);
  });

  it('takes little memory while its client reads nothing', async () => {
    const { server, user } = await startServer();
    const idle = megabytesOf(server);
    const response = await startDownload(user, '/orders/export');
    const peak = await peakDuring(server, delay(5_000));
    response.destroy();
    note(`export without a reader: ${Math.round(peak - idle)} MB more than when idle`);
    expect(peak - idle).toBeLessThan(MAX_ADDED_MEGABYTES);
  });
});
