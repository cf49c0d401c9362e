import { EVERY_SECOND, NEVER } from '../support/cron';
import { checkHistories, pathsOf, waitUntilSettled } from '../support/history-checker';
import { ServerFleet } from '../support/server-fleet';
import type { ServerProcess } from '../support/server-process';
import { waitUntil } from '../support/wait-until';

const ORDERS = 5;

describe('a server that is killed while processing is paused', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_LEASE_SECONDS: '10' });

  const countOf = ({ process }: ServerProcess, message: string) =>
    process.output.filter((line) => line.includes(`"${message}"`)).length;

  it('fault 1: is still paused when it is started again, reclaims its orders, and claims none', async () => {
    const first = await fleet.startFaulty({ PROCESSING_CRON: NEVER, FULFILMENT_DELAY_MS: '60000' });
    const { token } = await fleet.signUpAdmin(first.api);
    const admin = first.api.withToken(token!);
    const begun = await admin.placeOrders(ORDERS);
    await admin.post('/admin/processing/runs').expect(202);
    await waitUntil(() => countOf(first, 'Fulfilment begins') === ORDERS);
    await admin.post('/admin/processing/pause').expect(204);
    const later = await admin.placeOrders(ORDERS);
    await first.stop('SIGKILL');

    const second = await fleet.startFaulty({ PROCESSING_CRON: EVERY_SECOND });
    expect(countOf(second, 'Processing is paused')).toBe(1);
    await waitUntil(() => countOf(second, 'Reclaimed an order whose lease expired') === ORDERS);
    expect(countOf(second, 'Fulfilment begins')).toBe(0);
    await fleet.inspect(async (database) => {
      const paths = await pathsOf(database);
      for (const id of begun) expect(paths.get(id)).toEqual(['pending', 'processing', 'pending']);
      for (const id of later) expect(paths.get(id)).toEqual(['pending']);
    });

    await second.api.withToken(token!).post('/admin/processing/resume').expect(204);
    await fleet.inspect(async (database) => {
      await waitUntilSettled(database, 60_000);
      const attempts = await database.query<{ id: number; attempts: number }[]>(
        'SELECT id, attempts FROM orders ORDER BY id',
      );
      expect(attempts).toEqual([
        ...begun.map((id) => ({ id, attempts: 2 })),
        ...later.map((id) => ({ id, attempts: 1 })),
      ]);
      expect(await checkHistories(database, [...begun, ...later])).toBe(ORDERS * 2);
    });
  });
});
