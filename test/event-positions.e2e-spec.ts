import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { Transactions } from '../src/database/transactions';
import { EventLog } from '../src/events/event-log';
import { EventNumbering, NUMBERING_BATCH_SIZE } from '../src/events/event-numbering';
import { AbandonedOrders } from '../src/jobs/abandoned-orders';
import { failed, postponed } from '../src/jobs/fulfilment-step';
import type { ApiClient } from './support/api-client';
import { makePostponedOrdersDue } from './support/due';
import { insertPendingOrders } from './support/insert-orders';
import { leastOf } from './support/least-of';
import { LockingTransaction } from './support/locking-transaction';
import { PreviousRelease } from './support/previous-release';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

describe('positions of events', () => {
  const app = TestApp.forEachTest();
  let user: ApiClient & { userId: number };

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  const log = () => app.nest.get(EventLog);
  const number = () => app.periodicWork.step();
  const read = async (after = 0) => (await log().page({ after, limit: 5_000 })).events;
  const summary = async () =>
    (await read()).map(({ position, orderId, type }) => [position, orderId, type]);

  it('are assigned in the order of time, from 1 and without gaps', async () => {
    const first = await user.placeOrder();
    const second = await user.placeOrder();
    await user.patch(`/orders/${first.id}/cancel`).expect(200);
    expect(await summary()).toEqual([]);
    await number();
    expect(await summary()).toEqual([
      [1, first.id, 'order.created'],
      [2, second.id, 'order.created'],
      [3, first.id, 'order.cancelled'],
    ]);
    const third = await user.placeOrder();
    await number();
    expect((await read(3)).map(({ position, orderId }) => [position, orderId])).toEqual([
      [4, third.id],
    ]);
    expect(await log().latestPosition()).toBe(4);
  });

  it('have the owner of the order and what never changes of it', async () => {
    const order = await user.placeOrder({ product_name: 'Lamp', amount: 12.5, reference: 'A-1' });
    await number();
    expect(await log().find(order.id, 1)).toEqual({
      position: 1,
      type: 'order.created',
      orderId: order.id,
      userId: user.userId,
      sequence: 1,
      from: null,
      to: 'pending',
      actorType: 'user',
      actorId: user.userId,
      reason: null,
      productName: 'Lamp',
      amountMinor: 1_250,
      reference: 'A-1',
      createdAt: new Date(order.created_at),
    });
  });

  it('have a type for every kind of transition', async () => {
    const admin = await app.signUpAdmin();
    const { id } = await user.placeOrder();
    app.fulfilment.script = () => Promise.resolve(postponed('Out of stock', 600));
    await app.processor.runOnce();
    await makePostponedOrdersDue(app);
    await new PreviousRelease(app.dataSource).claim(1);
    await app.dataSource.query('UPDATE orders SET lease_expires_at = created_at');
    // Its lease is not in a table of its own, so the search for it is paced.
    await waitUntil(async () => (await app.nest.get(AbandonedOrders).reclaim()) === 1);
    app.fulfilment.script = () => Promise.resolve(failed('No such product'));
    await app.processor.runOnce();
    await admin.post(`/admin/orders/${id}/retry`).expect(202);
    app.fulfilment.script = () => Promise.resolve();
    await app.processor.runOnce();
    await number();
    expect((await read()).map(({ type }) => type)).toEqual([
      'order.created',
      'order.processing',
      'order.postponed',
      'order.processing',
      'order.released',
      'order.processing',
      'order.failed',
      'order.retried',
      'order.processing',
      'order.completed',
    ]);
  });

  it('keep the sequence of an order when the clock was set back ten minutes', async () => {
    const first = await user.placeOrder();
    const second = await user.placeOrder();
    await user.patch(`/orders/${first.id}/cancel`).expect(200);
    await moveBack(app.dataSource, `order_id = ${first.id} AND sequence = 2`, 600);
    await moveBack(app.dataSource, `order_id = ${second.id}`, 300);
    await number();
    const sequences = (await read()).filter(({ orderId }) => orderId === first.id);
    expect(sequences.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect((await read())[0]).toMatchObject({ orderId: second.id });
  });

  it('are assigned to entries that are committed long after later ones', async () => {
    const { id } = await user.placeOrder();
    await number();
    const late = await user.placeOrder();
    await moveBack(app.dataSource, `order_id = ${late.id}`, 3_600);
    // A search from the first entry on runs once a second.
    await waitUntil(async () => {
      await number();
      return (await read()).length === 2;
    });
    expect((await read()).map(({ orderId }) => orderId)).toEqual([id, late.id]);
  });

  it('are assigned to entries of instances of the previous release', async () => {
    const previous = new PreviousRelease(app.dataSource);
    const id = await previous.place(user.userId);
    await previous.claim(1);
    await previous.complete(id);
    await number();
    expect(await summary()).toEqual([
      [1, id, 'order.created'],
      [2, id, 'order.processing'],
      [3, id, 'order.completed'],
    ]);
    expect((await read()).every(({ userId }) => userId === user.userId)).toBe(true);
  });

  it('are assigned batch by batch until none is left', async () => {
    await insertPendingOrders(app.dataSource, user.userId, 1_234);
    await number();
    const events = await read();
    expect(events.map(({ position }) => position)).toEqual(
      Array.from({ length: 1_234 }, (_, index) => index + 1),
    );
  });

  it('cost a transition no statement', async () => {
    const statements: string[] = [];
    const logQuery = jest.spyOn(app.dataSource.logger, 'logQuery');
    logQuery.mockImplementation((sql) => void statements.push(sql));
    let id: number;
    try {
      ({ id } = await user.placeOrder());
      await user.patch(`/orders/${id}/cancel`).expect(200);
    } finally {
      logQuery.mockRestore();
    }
    const writes = statements.filter((sql) => /^\s*(INSERT|UPDATE|DELETE|WITH)/.test(sql));
    // The order and its entry, for each transition; PostgreSQL writes both with one statement.
    expect(writes).toHaveLength(isPostgres() ? 2 : 4);
    expect(statements.join('\n')).not.toMatch(/log_readers|position|order_history.user_id/);
    const rows = await app.dataSource.query<object[]>(
      `SELECT position, user_id FROM order_history WHERE order_id = ${id}`,
    );
    const unnumbered = { position: null, user_id: null };
    expect(rows).toEqual([unnumbered, unnumbered]);
  });

  it('are assigned soon to entries that are committed late, also after a slow numbering', async () => {
    const transactions = app.nest.get(Transactions);
    await user.placeOrder();
    const run = jest.spyOn(transactions, 'run').mockImplementation(async (work) => {
      await delay(1_000);
      return Transactions.prototype.run.call(transactions, work);
    });
    await app.nest.get(EventNumbering).number();
    run.mockRestore();
    const late = await user.placeOrder();
    await moveBack(app.dataSource, `order_id = ${late.id}`, 3_600);
    await waitUntil(async () => {
      await user.placeOrder(); // commits do not cease
      await number();
      return (await read()).some(({ orderId }) => orderId === late.id);
    });
  });

  it('are assigned at the same cost to a backlog that the statistics of the planner do not have', async () => {
    await insertPendingOrders(app.dataSource, user.userId, 1_000);
    await number();
    if (isPostgres()) {
      await app.dataSource.query('ALTER TABLE order_history SET (autovacuum_enabled = false)');
    }
    await app.dataSource.query(isPostgres() ? 'ANALYZE orders, order_history' : 'ANALYZE');
    await insertPendingOrders(app.dataSource, user.userId, 40_000);
    const numbering = app.nest.get(EventNumbering);
    await numbering.number();
    const numberBatch = async () => {
      const startedAt = performance.now();
      expect(await numbering.number()).toMatchObject({ entries: NUMBERING_BATCH_SIZE });
      return performance.now() - startedAt;
    };
    expect(await leastOf(400, numberBatch)).toBeLessThan(400);
  });

  it('are searched for near the time of the last search, also by an instance that has found none', async () => {
    // No search from the first entry becomes due.
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    await user.placeOrder();
    await number();
    const numbering = app.nest.get(EventNumbering);
    const query = jest.spyOn(app.dataSource.manager, 'query');
    const searchedFrom = () => {
      const instants = query.mock.calls.flatMap(([, parameters]) => parameters as unknown[]);
      query.mockClear();
      return instants.map((instant) => Date.now() - Date.parse(String(instant)));
    };
    try {
      const fresh = () => new EventNumbering(app.dataSource, app.nest.get(Transactions));
      await fresh().number();
      const other = fresh();
      expect(await other.isNeeded()).toBe(false);
      searchedFrom();
      expect(await other.isNeeded()).toBe(false);
      expect(await numbering.isNeeded()).toBe(false);
      for (const ageMs of searchedFrom()) expect(ageMs).toBeLessThan(60_000);
    } finally {
      query.mockRestore();
      clock.mockRestore();
    }
  });

  it('are of a postponement when a step postpones with the reason of a release', async () => {
    await user.placeOrder();
    const reason = 'The instance that worked on it was shut down';
    app.fulfilment.script = () => Promise.resolve(postponed(reason, 600));
    await app.processor.runOnce();
    await number();
    expect((await read()).at(-1)).toMatchObject({ type: 'order.postponed', reason: `${reason}.` });
  });

  (isPostgres() ? describe : describe.skip)('on PostgreSQL', () => {
    it('leave the search from the first entry to later while another instance numbers', async () => {
      await user.placeOrder();
      const numbering = app.nest.get(EventNumbering);
      const other = await LockingTransaction.begin(app.dataSource);
      await other.lockLog();
      await waitUntil(() => numbering.isFullSearchDue);
      expect(await numbering.number()).toBe('busy');
      expect(numbering.isFullSearchDue).toBe(true);
      await other.end();
      expect(await numbering.number()).toMatchObject({ entries: 1 });
    });
  });
});

async function moveBack(dataSource: DataSource, where: string, seconds: number): Promise<void> {
  await dataSource.query(
    isPostgres()
      ? `UPDATE order_history SET created_at = created_at - interval '${seconds} seconds'
         WHERE ${where}`
      : `UPDATE order_history
         SET created_at = strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '-${seconds} seconds')
         WHERE ${where}`,
  );
}
