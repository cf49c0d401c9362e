import { AppConfig } from '../src/config/app-config';
import { OrderClaims } from '../src/jobs/order-claims';
import type { ApiClient } from './support/api-client';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

const CONCURRENCY = 2;
const COUNT = 12;

describe('orders that wait for a slot', () => {
  const app = TestApp.forEachTest({
    PROCESSING_CONCURRENCY: String(CONCURRENCY),
    PROCESSING_BATCH_SIZE: '10',
  });
  let user: ApiClient;
  let ids: number[];
  let run: Promise<number>;
  let finish: () => void;

  beforeEach(async () => {
    user = await app.api.signUp();
    ids = await user.placeOrders(COUNT);
    const finished = new Promise<void>((resolve) => (finish = resolve));
    app.fulfilment.script = () => finished;
    run = app.processor.runOnce();
    await waitUntil(() => app.fulfilment.started === CONCURRENCY);
  });

  const countOf = async (status: string) => {
    const orders = await Promise.all(ids.map((id) => user.order(id)));
    return orders.filter((order) => order.status === status).length;
  };

  it('are not claimed by an instance without a free slot', async () => {
    await app.processor.runOnce();
    expect(await countOf('pending')).toBe(COUNT - CONCURRENCY);
    // As another instance would. The next test starts one, but not on SQLite: one server uses a file.
    expect(await app.nest.get(OrderClaims).claim(COUNT)).toHaveLength(COUNT - CONCURRENCY);
    finish();
    expect(await run).toBe(CONCURRENCY);
  });

  (isPostgres() ? describe : describe.skip)('beside another instance', () => {
    it('are processed by an idle instance at once', async () => {
      const { target } = app.nest.get(AppConfig).database;
      const other = await TestApp.start({ DATABASE_URL: 'url' in target ? target.url : '' });
      try {
        expect(await other.processor.runOnce()).toBe(COUNT - CONCURRENCY);
        expect(other.fulfilment.started).toBe(COUNT - CONCURRENCY);
      } finally {
        await other.stop();
      }
      expect(app.fulfilment.started).toBe(CONCURRENCY);
      finish();
      expect(await run).toBe(CONCURRENCY);
    });
  });

  it('can be cancelled', async () => {
    const responses = await Promise.all(ids.map((id) => user.patch(`/orders/${id}/cancel`)));
    const statuses = responses.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([
      ...Array<number>(COUNT - CONCURRENCY).fill(200),
      ...Array<number>(CONCURRENCY).fill(409),
    ]);
    finish();
    expect(await run).toBe(CONCURRENCY);
    expect(await countOf('cancelled')).toBe(COUNT - CONCURRENCY);
  });

  it('stay pending when the instance shuts down', async () => {
    app.processor.onModuleDestroy();
    const shutdown = app.processor.beforeApplicationShutdown();
    expect(await countOf('pending')).toBe(COUNT - CONCURRENCY);
    finish();
    await Promise.all([run, shutdown]);
    expect(await countOf('completed')).toBe(CONCURRENCY);
    expect(await countOf('pending')).toBe(COUNT - CONCURRENCY);
    expect(app.fulfilment.started).toBe(CONCURRENCY);
  });
});
