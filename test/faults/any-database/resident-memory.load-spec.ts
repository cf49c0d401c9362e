import { note } from '../../support/fault-settings';
import { HttpLoad } from '../../support/http-load';
import { describeOnLinux, megabytesOf } from '../../support/resident-memory';
import { ServerFleet } from '../../support/server-fleet';
import { waitUntil } from '../../support/wait-until';

const ORDERS = 20;
const REQUESTS = 10_000;

/** With threads, caches and the heap at their full size from the start, it was 165 MB. */
const MAX_IDLE_MEGABYTES = 140;

/** Without limits of the heap, it was more than 400 MB on Node.js 24, and 210 MB on Node.js 20. */
const MAX_BUSY_MEGABYTES = 280;

describeOnLinux('Memory', () => {
  const fleet = ServerFleet.forEachTest({ RATE_LIMIT_ENABLED: 'false', BCRYPT_COST: '4' });

  it('stays small in an idle server, and in one that has served many pages of orders', async () => {
    const server = await fleet.start();
    const idle = megabytesOf(server);
    const user = await server.api.signUp();
    await user.placeOrders(ORDERS);

    const load = new HttpLoad({
      clients: 32,
      pauseMs: 0,
      next: () => ({ url: server.api.url, method: 'GET', path: '/orders', token: user.token }),
    });
    await waitUntil(() => load.outcomes.length >= REQUESTS, { deadlineMs: 120_000 });
    await load.stop();
    const busy = megabytesOf(server);

    note(`${Math.round(idle)} MB when idle, ${Math.round(busy)} MB after ${REQUESTS} pages`);
    expect(load.outcomes.every(({ status }) => status === 200)).toBe(true);
    expect(idle).toBeLessThan(MAX_IDLE_MEGABYTES);
    expect(busy).toBeLessThan(MAX_BUSY_MEGABYTES);
  });
});
