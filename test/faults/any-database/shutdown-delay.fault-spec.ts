import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { EventStreamClient } from '../../support/event-stream-client';
import { HttpLoad, placeAndList, send, tally } from '../../support/http-load';
import { note } from '../../support/fault-settings';
import { ServerFleet } from '../../support/server-fleet';
import { waitUntil } from '../../support/wait-until';

const EXITED = { code: 0, signal: null };
/** Leaves the requests time on a machine that stands still for some seconds. */
const DELAY_SECONDS = 15;

/** Of each of the two loads. */
const CLIENTS = 8;

/** For how long the balancer still sends requests to an instance that was not ready. */
const NOTICE_MS = 1_500;

describe('a server with SHUTDOWN_DELAY_SECONDS', () => {
  const fleet = ServerFleet.forEachTest({ SHUTDOWN_DELAY_SECONDS: String(DELAY_SECONDS) });

  it('responds to every request of a balancer that notices the shutdown late', async () => {
    const server = await fleet.start();
    const { token } = await server.api.signUp();
    const loads = [true, false].map(
      (keepAlive) =>
        new HttpLoad({
          clients: CLIENTS,
          keepAlive,
          next: placeAndList(server.api.url, token),
        }),
    );
    const outcomes = () => loads.flatMap((load) => load.outcomes);
    await waitUntil(() => outcomes().length >= 100);

    const signalled = performance.now();
    server.process.kill('SIGTERM');
    const prober = new Agent();
    const isReady = async () => {
      const probe = { url: server.api.url, method: 'GET', path: '/health/ready' } as const;
      return (await send(probe, prober)).status === 200;
    };
    await waitUntil(async () => !(await isReady()));
    const unready = performance.now();
    const sentLate = () => outcomes().filter(({ sentAt }) => sentAt > unready);
    await delay(NOTICE_MS);
    // More than those that were under way.
    await waitUntil(() => sentLate().length > 2 * CLIENTS || server.process.hasExited);
    await Promise.all(loads.map((load) => load.stop()));
    expect(await server.process.exit).toEqual(EXITED);
    const stoppedAfter = performance.now() - signalled;

    const late = sentLate();
    note(`Delayed shutdown: after ${Math.round(stoppedAfter)} ms, ${JSON.stringify(tally(late))}`);
    expect(late.length).toBeGreaterThan(2 * CLIENTS);
    expect(outcomes().filter(({ status }) => status !== 200 && status !== 201)).toEqual([]);
    // Connections stay open meanwhile, so balancers need not open others.
    const reusing = loads[0]!.outcomes.filter(({ sentAt }) => sentAt > unready);
    expect(reusing.every(({ isReused }) => isReused)).toBe(true);
    expect(stoppedAfter).toBeGreaterThanOrEqual(DELAY_SECONDS * 1_000 - 50);
    expect(stoppedAfter).toBeLessThan((DELAY_SECONDS + 10) * 1_000);
  });

  it('serves streams of events until it closes connections', async () => {
    const server = await fleet.start({ FULFILMENT_DELAY_MS: '1' });
    const user = await server.api.signUp();
    const stream = await EventStreamClient.open(user);
    const signalled = performance.now();
    server.process.kill('SIGTERM');
    await waitUntil(async () => (await user.get('/health/ready')).status === 503);
    const other = await EventStreamClient.open(user);
    await user.placeOrder();
    await stream.received(1);
    await other.received(1);
    expect(performance.now() - signalled).toBeLessThan(DELAY_SECONDS * 1_000);
    expect(await server.process.exit).toEqual(EXITED);
    expect([stream, other].map(({ response }) => response.complete)).toEqual([true, true]);
  });

  it('does not wait after Ctrl+C, and no longer than otherwise for a slow request', async () => {
    const server = await fleet.start({ SHUTDOWN_DELAY_SECONDS: '600' });
    const { token } = await server.api.signUp();
    // Its body never arrives.
    const slow = request(`${server.api.url}/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': '40',
      },
    });
    slow.on('error', () => undefined);
    slow.write('{');
    await waitUntil(() => slow.socket?.bytesWritten !== undefined && slow.socket.bytesWritten > 0);
    server.process.kill('SIGINT');
    await waitUntil(() => server.process.hasExited, { deadlineMs: 25_000 });
    expect(await server.process.exit).toEqual(EXITED);
  });

  it('stops waiting at a second signal', async () => {
    const server = await fleet.start({ SHUTDOWN_DELAY_SECONDS: '600' });
    server.process.kill('SIGTERM');
    await waitUntil(() => server.process.output.join().includes('"delay_ms":600000'));
    server.process.kill('SIGINT');
    await waitUntil(() => server.process.hasExited, { deadlineMs: 25_000 });
    expect(await server.process.exit).toEqual(EXITED);
  });

  it('stops waiting at an error that is not caught', async () => {
    const server = await fleet.startFaulty({
      SHUTDOWN_DELAY_SECONDS: '600',
      FULFILMENT_DELAY_MS: '1000',
    });
    const user = await server.api.signUp();
    await user.placeOrder({ product_name: 'throws while the server shuts down', amount: 1 });
    await waitUntil(() => server.process.output.join().includes('Fulfilment begins'));
    server.process.kill('SIGTERM');
    await waitUntil(() => server.process.hasExited, { deadlineMs: 20_000 });
    expect(server.process.output.join()).toContain('An error was not caught');
  });
});
