import { setTimeout as delay } from 'node:timers/promises';
import type { SignedUp } from '../support/api-client';
import { note } from '../support/fault-settings';
import {
  HttpLoad,
  type LoadRequest,
  type Outcome,
  durationOf,
  slowest,
  tally,
} from '../support/http-load';
import { LoadTarget } from '../support/load-target';
import { repeatIfStalled } from '../support/repeat-if-stalled';
import { waitUntil } from '../support/wait-until';

const BURST = 300;

/** How long a request of another user may take, in milliseconds, on a machine that the clients share. */
const MAX_LATENCY_MS = 1_000;

/** How many orders of the burst may be served while a request of another user waits. */
const MAX_OVERTAKING = 100;

describe('fault 36: one account that sends 300 orders at once', () => {
  const server = LoadTarget.forSuite({ PROCESSING_ENABLED: 'false', RATE_LIMIT_ENABLED: 'true' });

  const order = ({ token }: SignedUp) =>
    server.post('/orders', { product_name: 'Laptop', amount: 1 }, token);

  it('delays neither the requests of another user nor the readiness probe', () =>
    repeatIfStalled(async () => {
      const flooder = await server.api.signUp();
      const other = await server.api.signUp();
      const watch = (request: LoadRequest) =>
        new HttpLoad({ clients: 1, pauseMs: 20, next: () => request });
      const watched = {
        'GET /orders': watch(server.get('/orders', other.token)),
        'POST /orders': watch(order(other)),
        'GET /health/ready': watch(server.get('/health/ready')),
      };
      await waitUntil(() => Object.values(watched).every(({ outcomes }) => outcomes.length > 3));

      const startedAt = performance.now();
      const burst = await Promise.all(
        Array.from({ length: BURST }, () => server.send(order(flooder))),
      );
      const tookMs = performance.now() - startedAt;
      await Promise.all(Object.values(watched).map((load) => load.stop()));

      note(`${BURST} orders of one account took ${tookMs.toFixed()} ms: ${show(burst)}`);
      expect(tally(burst)).toEqual({ 201: BURST });
      for (const [name, { outcomes }] of Object.entries(watched)) {
        const during = outcomes.filter(({ endedAt }) => endedAt > startedAt);
        const overtaking = during.map(({ sentAt, endedAt }) => {
          return burst.filter((order) => order.endedAt > sentAt && order.endedAt < endedAt).length;
        });
        note(`meanwhile ${name}: ${show(during)}, overtaken by up to ${Math.max(...overtaking)}`);
        expect(during.length).toBeGreaterThan(3);
        expect(Object.keys(tally(during))).toEqual([name.startsWith('POST') ? '201' : '200']);
        expect(slowest(during)).toBeLessThan(MAX_LATENCY_MS);
        expect(Math.max(...overtaking)).toBeLessThan(MAX_OVERTAKING);
      }
    }));

  it('does not get more concurrent requests by disconnecting before the responses', () =>
    repeatIfStalled(async () => {
      const flooder = await server.api.signUp();
      const other = await server.api.signUp();
      const disconnect = new AbortController();
      const abandoned = Array.from({ length: 200 }, () =>
        fetch(`${server.api.url}/orders`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${flooder.token}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify({ product_name: 'Laptop', amount: 1 }),
          signal: disconnect.signal,
        }).catch(() => undefined),
      );
      await delay(100); // by then some are being served, and the others wait
      disconnect.abort();
      await Promise.all(abandoned);

      const outcome = await server.send(server.get('/orders', other.token));
      expect(outcome.status).toBe(200);
      expect(durationOf(outcome)).toBeLessThan(MAX_LATENCY_MS);
      await waitUntil(async () => (await server.send(order(flooder))).status === 201);
    }));
});

function show(outcomes: readonly Outcome[]): string {
  const durations = outcomes.map(durationOf).toSorted((one, another) => one - another);
  const median = durations[durations.length >> 1]?.toFixed();
  return `${JSON.stringify(tally(outcomes))}, median ${median} ms, slowest ${slowest(outcomes)} ms`;
}
