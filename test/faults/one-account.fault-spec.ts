import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient, SignedUp } from '../support/api-client';
import { note } from '../support/fault-settings';
import { HttpLoad, type LoadRequest, type Outcome, send, tally } from '../support/http-load';
import { ServerFleet } from '../support/server-fleet';
import { waitUntil } from '../support/wait-until';

const BURST = 300;

/**
 * What a request of somebody else may take, in milliseconds; the server shares the machine with the
 * clients.
 */
const MAX_LATENCY_MS = 1_000;

/** How many orders of the burst may be served while a request of somebody else waits. */
const MAX_OVERTAKING = 100;

describe('fault 36: one account that sends 300 orders at once', () => {
  let api: ApiClient;
  const agent = new Agent({ keepAlive: true });

  afterAll(() => agent.destroy());

  const fleet = ServerFleet.forSuite({ PROCESSING_ENABLED: 'false', RATE_LIMIT_ENABLED: 'true' });

  beforeAll(async () => {
    ({ api } = await fleet.start());
  });

  const order = ({ token }: SignedUp): LoadRequest => ({
    url: api.url,
    method: 'POST',
    path: '/orders',
    token,
    body: { product_name: 'Laptop', amount: 1 },
  });

  const read = (path: string, token?: string): LoadRequest => ({
    url: api.url,
    method: 'GET',
    path,
    token,
  });

  it('holds up neither the requests of others nor the readiness probe', async () => {
    const flooder = await api.signUp();
    const other = await api.signUp();
    const watch = (request: LoadRequest) =>
      new HttpLoad({ clients: 1, pauseMs: 20, next: () => request });
    const watched = {
      'GET /orders': watch(read('/orders', other.token)),
      'POST /orders': watch(order(other)),
      'GET /health/ready': watch(read('/health/ready')),
    };
    await waitUntil(() => Object.values(watched).every(({ outcomes }) => outcomes.length > 3));

    const startedAt = performance.now();
    const burst = await Promise.all(
      Array.from({ length: BURST }, () => send(order(flooder), agent)),
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
      expect(Math.max(...during.map(durationOf))).toBeLessThan(MAX_LATENCY_MS);
      expect(Math.max(...overtaking)).toBeLessThan(MAX_OVERTAKING);
    }
  });

  it('is not served more at once by hanging up before the responses', async () => {
    const flooder = await api.signUp();
    const other = await api.signUp();
    const hangUp = new AbortController();
    const abandoned = Array.from({ length: 200 }, () =>
      fetch(`${api.url}/orders`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${flooder.token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ product_name: 'Laptop', amount: 1 }),
        signal: hangUp.signal,
      }).catch(() => undefined),
    );
    await delay(100); // some are being served then, and the others wait
    hangUp.abort();
    await Promise.all(abandoned);

    const outcome = await send(read('/orders', other.token), agent);
    expect(outcome.status).toBe(200);
    expect(durationOf(outcome)).toBeLessThan(MAX_LATENCY_MS);
    await waitUntil(async () => (await send(order(flooder), agent)).status === 201);
  });
});

function durationOf({ sentAt, endedAt }: Outcome): number {
  return endedAt - sentAt;
}

function show(outcomes: readonly Outcome[]): string {
  const durations = outcomes.map(durationOf).toSorted((one, another) => one - another);
  const [median, slowest] = [durations[durations.length >> 1], durations.at(-1)];
  return `${JSON.stringify(tally(outcomes))}, median ${median?.toFixed()} ms, slowest ${slowest?.toFixed()} ms`;
}
