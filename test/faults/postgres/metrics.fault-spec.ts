import { metricsUrlOfProcess, scrape } from '../../support/scrape';
import { ServerFleet } from '../../support/server-fleet';
import { TcpProxy } from '../../support/tcp-proxy';
import { waitUntil } from '../../support/wait-until';

/** A scrape waits a second for the database. */
const MAX_SCRAPE_MS = 2_000;

/** In the servers, readings of the queue age so many times as fast. */
const FASTER = 10;

describe('metrics during an outage of the database', () => {
  const fleet = ServerFleet.forEachTest();
  let network: TcpProxy;

  afterEach(() => network.close());

  it.each(['refuse', 'swallow'] as const)(
    'fault 8: respond in time without the state of the queue, which returns (%s)',
    async (fault) => {
      const url = fleet.databaseUrl;
      network = await TcpProxy.start({ host: url.hostname, port: Number(url.port || 5432) });
      url.host = `127.0.0.1:${network.port}`;
      const server = await fleet.startFaulty({
        DATABASE_URL: url.href,
        METRICS_PORT: '0',
        FASTER_BACKLOG_GAUGES: String(FASTER),
      });
      const metricsUrl = metricsUrlOfProcess(server);
      const durationsMs: number[] = [];
      const hasQueue = async () => {
        const startedAt = performance.now();
        const samples = await scrape(metricsUrl);
        durationsMs.push(performance.now() - startedAt);
        expect(samples.get('orders_in_flight')).toBe(0);
        return samples.has('orders_oldest_due_age_seconds');
      };

      await waitUntil(hasQueue);
      await network[fault]();
      await waitUntil(async () => !(await hasQueue()));
      await network.forward();
      await waitUntil(hasQueue);
      // The median: what else runs on the machine delays some.
      const median = durationsMs.toSorted((a, b) => a - b)[Math.floor(durationsMs.length / 2)]!;
      expect(median).toBeLessThan(MAX_SCRAPE_MS);
    },
  );
});
