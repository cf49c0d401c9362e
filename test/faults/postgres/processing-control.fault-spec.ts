import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessingStatusResponse } from '../../../src/jobs/processing.dto';
import type { ApiClient } from '../../support/api-client';
import { NEVER } from '../../support/cron';
import { FAULTS, note } from '../../support/fault-settings';
import { checkHistories } from '../../support/history-checker';
import { ServerFleet } from '../../support/server-fleet';
import type { ServerProcess } from '../../support/server-process';
import { TcpProxy } from '../../support/tcp-proxy';
import { waitUntil } from '../../support/wait-until';

/** Two seconds are promised; machines of tests can be several times slower. */
const NOTICED_WITHIN_MS = 10_000;

/** An instance is listed for so long after it was killed, and its state may be 5 s old. */
const LISTED_FOR_MS = 60_000 + 5_000;

describe('processing that is controlled through one of several instances', () => {
  const fleet = ServerFleet.forEachTest({ FULFILMENT_DELAY_MS: '20' });
  let network: TcpProxy | undefined;

  afterEach(async () => {
    await network?.close();
    network = undefined;
  });

  const hasLogged = ({ process }: ServerProcess, message: string) =>
    process.output.some((line) => line.includes(`"${message}"`));

  const countOf = ({ process }: ServerProcess, message: string) =>
    process.output.filter((line) => line.includes(`"${message}"`)).length;

  const measure = async (what: string, isDone: () => boolean | Promise<boolean>) => {
    const startedAt = performance.now();
    await waitUntil(isDone, { deadlineMs: NOTICED_WITHIN_MS, description: what });
    note(`${what}: ${Math.round(performance.now() - startedAt)} ms`);
  };

  /** Places orders one after another until it is stopped. */
  const startPlacing = (client: ApiClient) => {
    const stopping = new AbortController();
    const ids: number[] = [];
    const done = (async () => {
      while (!stopping.signal.aborted) ids.push((await client.placeOrder()).id);
    })();
    return {
      stop: async () => {
        stopping.abort();
        await done;
        return ids;
      },
    };
  };

  it('is paused on all of them, and resumed, while orders are placed', async () => {
    const [here, there] = await Promise.all([fleet.start(), fleet.start()]);
    const admin = await fleet.signUpAdmin(here.api);
    const placing = startPlacing(admin);
    await waitUntil(() => countOf(there, 'Processing run finished') > 0, { deadlineMs: 30_000 });
    await admin.post('/admin/processing/pause').expect(204);
    await measure('the pause was noticed by the other instance after', () =>
      hasLogged(there, 'Processing is paused'),
    );
    await delay(8_000); // several ticks: no claim may follow
    const latest = await fleet.inspect(async (database) => {
      const [row] = await database.query<{ ms: number | null }[]>(
        `SELECT EXTRACT(EPOCH FROM MAX(order_history.created_at) - MAX(changed_at)) * 1000 AS ms
         FROM order_history, processing_state WHERE to_status = 'processing'`,
      );
      return Number(row!.ms);
    });
    note(`the last claim began ${Math.round(latest)} ms after the pause`);
    expect(latest).toBeLessThan(6_000);

    await admin.post('/admin/processing/resume').expect(204);
    await measure('the end of the pause was noticed after', () =>
      hasLogged(there, 'Processing is resumed'),
    );
    const ids = await placing.stop();
    await fleet.inspect(async (database) => {
      await waitUntil(
        async () => {
          const open = `SELECT 1 FROM orders WHERE status <> 'completed' LIMIT 1`;
          return (await database.query<unknown[]>(open)).length === 0;
        },
        { deadlineMs: 60_000 },
      );
      expect(await database.query('SELECT id FROM orders WHERE attempts <> 1')).toEqual([]);
      await checkHistories(database, ids);
    });
  });

  it('is woken through an instance that serves HTTP only', async () => {
    await fleet.start({ PROCESSING_CRON: NEVER });
    const web = await fleet.start({ PROCESSING_ENABLED: 'false' });
    const admin = await fleet.signUpAdmin(web.api);
    const { id } = await admin.placeOrder();
    await admin.post('/admin/processing/runs').expect(202);
    await measure(
      'an order was completed after a wake through another instance after',
      async () => (await admin.order(id)).status === 'completed',
    );
  });

  it('lists an instance that was killed for a minute, and none that was shut down', async () => {
    const servers = await Promise.all([fleet.start(), fleet.start(), fleet.start()]);
    const [here, killed, stopped] = servers;
    const admin = await fleet.signUpAdmin(here.api);
    const isListing = async (...expected: ServerProcess[]) => {
      const { body } = await admin.get('/admin/processing').expect(200);
      const { instances } = body as ProcessingStatusResponse;
      const pids = new Set(instances.map(({ id }) => Number(/-(\d+)-[0-9a-f]{8}$/.exec(id)![1])));
      return (
        pids.size === expected.length && expected.every(({ process }) => pids.has(process.pid))
      );
    };

    await waitUntil(() => isListing(...servers), { deadlineMs: NOTICED_WITHIN_MS });
    await killed.stop('SIGKILL');
    await stopped.stop();
    await waitUntil(() => isListing(here, killed), { deadlineMs: NOTICED_WITHIN_MS });
    await waitUntil(() => isListing(here), { deadlineMs: LISTED_FOR_MS + NOTICED_WITHIN_MS });
  });

  it.each(['refuse', 'swallow'] as const)(
    'fault 8: is paused for an instance that could not reach the database meanwhile (%s)',
    async (fault) => {
      const url = fleet.databaseUrl;
      network = await TcpProxy.start({ host: url.hostname, port: Number(url.port || 5432) });
      url.host = `127.0.0.1:${network.port}`;
      const cut = await fleet.start({ DATABASE_URL: url.href });
      const web = await fleet.start({ PROCESSING_ENABLED: 'false' });
      const admin = await fleet.signUpAdmin(web.api);

      await network[fault]();
      await admin.post('/admin/processing/pause').expect(204);
      const ids = await admin.placeOrders(5);
      await waitUntil(
        () => hasLogged(cut, 'Could not read the state of processing, trying again'),
        { deadlineMs: 30_000 },
      );
      await delay(FAULTS.outageSeconds * 1_000);
      await network.forward();
      await waitUntil(() => hasLogged(cut, 'Processing is paused'), { deadlineMs: 30_000 });
      expect(countOf(cut, 'Could not read the state of processing, trying again')).toBe(1);
      expect(countOf(cut, 'Could not report this instance, trying again')).toBeLessThan(2);
      for (const id of ids) expect((await admin.order(id)).attempts).toBe(0);

      await admin.post('/admin/processing/resume').expect(204);
      await waitUntil(async () => (await admin.order(ids[4]!)).status === 'completed', {
        deadlineMs: 30_000,
      });
    },
  );
});
