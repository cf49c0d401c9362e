import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { Transactions } from '../../../src/database/transactions';
import { OrderClaims } from '../../../src/jobs/order-claims';
import { Order } from '../../../src/orders/order.entity';
import { makePostponedOrdersDue, reclaimAll } from '../../../test/support/due';
import { failCommitsOf } from '../../../test/support/fail-commits';
import { isPostgres } from '../../../test/support/test-database';
import { waitUntil } from '../../../test/support/wait-until';
import { Reservations } from '../reservations.service';
import { ReserveStockStep } from '../reserve-stock.step';
import { StockReservation } from '../stock-reservation.entity';
import { StockApp } from './stock-app';

describe('Fulfilment from stock', () => {
  let stock: StockApp;

  beforeEach(async () => {
    stock = await StockApp.start();
  });

  afterEach(() => stock.stop());

  const runOnce = () => stock.app.processor.runOnce();
  const reservations = () => stock.app.dataSource.getRepository(StockReservation).count();
  const attempt = async (orderId: number, signal = new AbortController().signal) => {
    const orders = stock.app.dataSource.getRepository(Order);
    const order = await orders.findOneByOrFail({ id: orderId });
    return stock.app.nest.get(ReserveStockStep).fulfil(order, { signal, attempt: 1 });
  };

  const claimedOrder = async () => {
    const id = await stock.order('Laptop');
    await stock.app.nest.get(OrderClaims).claim(1);
    return id;
  };

  it('reserves one unit, writes the packing slip and completes the order', async () => {
    await stock.setStock('Laptop', 5);
    const id = await stock.order('Laptop');
    expect(await runOnce()).toBe(1);

    expect(await stock.status(id)).toBe('completed');
    expect(await stock.available('Laptop')).toBe(4);
    const slip = await readFile(join(stock.packingSlipFolder, `${id}.txt`), 'utf8');
    expect(slip).toBe(`Order ${id}\n1 x Laptop\n`);
  });

  it('postpones an order that is out of stock, and completes it after restocking', async () => {
    await stock.setStock('Laptop', 0);
    const id = await stock.order('Laptop');
    await runOnce();
    expect(await stock.status(id)).toBe('pending');
    const last = (await stock.customer.history(id)).at(-1);
    expect(last).toMatchObject({ from: 'processing', to: 'pending', reason: 'Out of stock' });

    await stock.setStock('Laptop', 1);
    expect(await runOnce()).toBe(0); // not due yet
    await makePostponedOrdersDue(stock.app);
    expect(await runOnce()).toBe(1);
    expect(await stock.status(id)).toBe('completed');
    expect(await stock.available('Laptop')).toBe(0);
  });

  it('fails an order that is out of stock at its last attempt', async () => {
    await stock.setStock('Laptop', 0);
    const id = await stock.order('Laptop');
    for (let attempts = 1; attempts <= 5; attempts++) {
      await makePostponedOrdersDue(stock.app);
      await runOnce();
    }
    const order = await stock.customer.order(id);
    expect(order).toMatchObject({ status: 'failed', attempts: 5, failure_reason: 'Out of stock' });
  });

  it('fails an order of an unknown product at once, and completes it after a retry by an admin', async () => {
    const id = await stock.order('Unicorn');
    await runOnce();
    const order = await stock.customer.order(id);
    expect(order).toMatchObject({
      status: 'failed',
      attempts: 1,
      failure_reason: 'Unknown product',
    });

    await stock.setStock('Unicorn', 1);
    await stock.admin.post(`/admin/orders/${id}/retry`).expect(202);
    await runOnce();
    expect(await stock.status(id)).toBe('completed');
  });

  it('reserves one unit for concurrent attempts at one order', async () => {
    await stock.setStock('Laptop', 5);
    const id = await claimedOrder();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => attempt(id)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'succeeded'));
    expect(await stock.available('Laptop')).toBe(4);
  });

  it('keeps the last unit for its order while a later step fails', async () => {
    await stock.setStock('Laptop', 1);
    const first = await stock.order('Laptop');
    await stock.runWithoutPackingSlips();
    const last = (await stock.customer.history(first)).at(-1);
    expect(last).toMatchObject({ to: 'pending', reason: 'An unexpected error occurred' });
    const second = await stock.order('Laptop');

    await makePostponedOrdersDue(stock.app);
    expect(await runOnce()).toBe(1);
    expect(await stock.status(first)).toBe('completed');
    expect(await stock.status(second)).toBe('pending');
    expect(await stock.available('Laptop')).toBe(0);
  });

  it('reserves nothing for an aborted attempt', async () => {
    await stock.setStock('Laptop', 1);
    const id = await claimedOrder();
    const aborted = AbortSignal.abort(new Error('too late'));
    await expect(attempt(id, aborted)).rejects.toThrow('too late');
    expect(await stock.available('Laptop')).toBe(1);
    expect(await reservations()).toBe(0);
  });

  it('sells 5 units to 20 orders exactly 5 times', async () => {
    await stock.setStock('Laptop', 5);
    const ids = await Promise.all(Array.from({ length: 20 }, () => stock.order('Laptop')));
    expect(await runOnce()).toBe(5);

    const statuses = await Promise.all(ids.map((id) => stock.status(id)));
    expect(statuses.filter((status) => status === 'completed')).toHaveLength(5);
    expect(statuses.filter((status) => status === 'pending')).toHaveLength(15);
    expect(await stock.available('Laptop')).toBe(0);
    expect(await reservations()).toBe(5);
  });

  it('fulfils every order while an admin keeps setting the stock', async () => {
    await stock.setStock('Laptop', 1_000);
    await Promise.all(Array.from({ length: 100 }, () => stock.order('Laptop')));
    const results: number[] = [];
    const run = runOnce().then((completed) => results.push(completed));
    while (results.length === 0) await stock.setStock('Laptop', 1_000);
    await run;
    expect(results).toEqual([100]);
    expect(await reservations()).toBe(100);
  });

  it('releases the unit of an order that is cancelled between two attempts', async () => {
    await stock.setStock('Laptop', 1);
    const id = await stock.order('Laptop');
    await stock.runWithoutPackingSlips();
    expect(await stock.available('Laptop')).toBe(0);

    await stock.customer.patch(`/orders/${id}/cancel`).expect(200);
    expect(await stock.available('Laptop')).toBe(1);
    expect(await reservations()).toBe(0);
  });

  it('releases the unit of an order that fails, and reserves one again after a retry', async () => {
    await stock.setStock('Laptop', 1);
    const id = await stock.order('Laptop');
    for (let attempts = 1; attempts <= 5; attempts++) {
      await makePostponedOrdersDue(stock.app);
      await stock.runWithoutPackingSlips();
    }
    expect(await stock.status(id)).toBe('failed');
    expect(await stock.available('Laptop')).toBe(1);
    expect(await reservations()).toBe(0);

    await stock.admin.post(`/admin/orders/${id}/retry`).expect(202);
    expect(await runOnce()).toBe(1);
    expect(await stock.available('Laptop')).toBe(0);
  });

  it('keeps the unit when the cancellation is rolled back', async () => {
    await stock.setStock('Laptop', 1);
    const id = await stock.order('Laptop');
    await stock.runWithoutPackingSlips();
    await failCommitsOf(stock.app.dataSource, 'order_history');
    await stock.customer.patch(`/orders/${id}/cancel`).expect(500);
    expect(await stock.status(id)).toBe('pending');
    expect(await stock.available('Laptop')).toBe(0);
    expect(await reservations()).toBe(1);
  });

  it('releases the unit once when a cancellation races with the next attempt', async () => {
    const ended: string[] = [];
    for (let round = 0; round < 20; round++) {
      await stock.setStock('Laptop', 1);
      const id = await stock.order('Laptop');
      await stock.runWithoutPackingSlips();
      await makePostponedOrdersDue(stock.app);
      const run = async () => {
        for (let turn = 0; turn < round; turn++) await new Promise(setImmediate);
        await runOnce();
      };
      await Promise.all([run(), stock.customer.patch(`/orders/${id}/cancel`)]);
      const status = await stock.status(id);
      expect(await stock.available('Laptop')).toBe(status === 'cancelled' ? 1 : 0);
      ended.push(status);
    }
    expect(await reservations()).toBe(ended.filter((status) => status === 'completed').length);
    expect(new Set(ended)).toEqual(new Set(['cancelled', 'completed']));
  });

  it('reserves nothing for an attempt that has lost its order, which was then cancelled', async () => {
    await stock.setStock('Laptop', 1);
    const id = await claimedOrder();
    await reclaimAll(stock.app);
    await stock.customer.patch(`/orders/${id}/cancel`).expect(200);
    await expect(attempt(id)).rejects.toThrow('not being processed');
    expect(await stock.available('Laptop')).toBe(1);
    expect(await reservations()).toBe(0);
  });

  it('releases the unit once in concurrent and repeated calls', async () => {
    await stock.setStock('Laptop', 1);
    const id = await stock.order('Laptop');
    await stock.runWithoutPackingSlips();
    expect(await stock.available('Laptop')).toBe(0);

    const release = () =>
      stock.app.nest
        .get(Transactions)
        .run((tx) => stock.app.nest.get(Reservations).release(tx, id));
    const released = await whileLocked(stock.app.dataSource, id, () =>
      Array.from({ length: 5 }, release),
    );
    await Promise.all(released);
    await release();
    expect(await stock.available('Laptop')).toBe(1);
    expect(await reservations()).toBe(0);
  });
});

/**
 * Starts some work while the reservation of an order is locked, and unlocks it when all of the work
 * waits for the lock, and so has read the row. SQLite runs one transaction at a time anyway.
 */
async function whileLocked<T>(
  database: DataSource,
  orderId: number,
  start: () => Promise<T>[],
): Promise<Promise<T>[]> {
  if (!isPostgres()) return start();
  return database.transaction(async (manager) => {
    await manager.query('SELECT 1 FROM stock_reservations WHERE order_id = $1 FOR UPDATE', [
      orderId,
    ]);
    const started = start();
    await waitUntil(async () => {
      const [row] = await database.query<[{ waiting: number }]>(
        `SELECT COUNT(*) AS waiting FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return row.waiting === started.length;
    });
    return started;
  });
}
