import { expectProblem } from '../../../test/support/api-client';
import { moveWallClock, resetWallClock } from '../../../test/support/wall-clock';
import { Transactions } from '../../../src/database/transactions';
import { Reservations } from '../reservations.service';
import { StockItem } from '../stock-item.entity';
import { StockReservation } from '../stock-reservation.entity';
import { STOCK_PROBLEMS } from '../stock.errors';
import { StockApp } from './stock-app';

const HOUR_MS = 3_600_000;

describe('The stock module', () => {
  let stock: StockApp;

  beforeAll(async () => {
    stock = await StockApp.start();
  });

  afterEach(resetWallClock);

  afterAll(() => stock.stop());

  describe('POST /stock', () => {
    const request = { product_name: 'Laptop', available: 1 };

    it('requires authentication', async () => {
      expectProblem(await stock.app.api.post('/stock', request), 401, 'unauthenticated');
    });

    it('requires the role of an admin', async () => {
      expectProblem(await stock.customer.post('/stock', request), 403, 'forbidden');
    });

    it('sets the stock of a product, and replaces it', async () => {
      await stock.setStock('Käse 50/50', 5);
      const body = { product_name: 'Käse 50/50', available: 3 };
      const response = await stock.admin.post('/stock', body).expect(200);
      expect(response.body).toEqual({ ...body, updated_at: expect.stringMatching(/Z$/) as string });
      const read = await stock.customer.get('/stock').query({ product_name: 'Käse 50/50' });
      expect(read.body).toEqual(response.body);
    });

    it.each([-1, 1.5, '1', 1_000_001, null])('rejects a quantity of %p', async (available) => {
      const response = await stock.admin.post('/stock', { ...request, available });
      expectProblem(response, 400, 'validation_failed');
      expect(response.body).toMatchObject({ errors: [{ field: 'available' }] });
    });

    it.each(['', 'x'.repeat(201), 'Lap\0top'])('rejects the product name %j', async (name) => {
      const response = await stock.admin.post('/stock', { ...request, product_name: name });
      expectProblem(response, 400, 'validation_failed');
      expect(response.body).toMatchObject({ errors: [{ field: 'product_name' }] });
    });
  });

  describe('GET /stock', () => {
    it('requires authentication', async () => {
      const response = await stock.app.api.get('/stock').query({ product_name: 'Laptop' });
      expectProblem(response, 401, 'unauthenticated');
    });

    it('returns 404 for a product that was never stocked', async () => {
      const response = await stock.customer.get('/stock').query({ product_name: 'Unicorn' });
      expectProblem(response, 404, 'product_not_stocked');
    });

    it('links its error to a page that explains it', async () => {
      const response = await stock.customer.get('/stock').query({ product_name: 'Unicorn' });
      const { type, status } = response.body as { type: string; status: number };
      expect(STOCK_PROBLEMS.product_not_stocked.status).toBe(status);
      const page = await stock.app.api.get(type).expect(200);
      expect(page.text).toContain(STOCK_PROBLEMS.product_not_stocked.meaning);
    });

    it('rejects an invalid product name', async () => {
      const response = await stock.customer.get('/stock').query({ product_name: 'Lap\0top' });
      expectProblem(response, 400, 'validation_failed');
    });
  });

  it('has migrations that create the schema of its entities', async () => {
    const { upQueries } = await stock.app.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('has a migration that can be reverted and run again', async () => {
    const { dataSource } = stock.app;
    await dataSource.undoLastMigration();
    expect(await dataSource.query('SELECT * FROM orders')).toEqual([]);
    await expect(dataSource.query('SELECT * FROM stock_items')).rejects.toThrow('stock_items');
    const executed = await dataSource.runMigrations();
    expect(executed.map(({ name }) => name)).toEqual(['CreateStock1795500000000']);
  });

  it('runs its steps in the order of their positions, without the simulated step', () => {
    expect(stock.app.logLines.map(({ msg }) => msg)).toContain(
      'Orders are fulfilled by: reserve stock, packing slip',
    );
  });

  it('stores instants by the clock of the database, not of the instance', async () => {
    moveWallClock(-HOUR_MS);
    await stock.setStock('Laptop', 2);
    const items = stock.app.dataSource.getRepository(StockItem);
    const set = await items.findOneByOrFail({ productName: 'Laptop' });
    const orderId = await stock.order('Laptop');
    await stock.app.processor.runOnce();
    const reservations = stock.app.dataSource.getRepository(StockReservation);
    const reserved = await reservations.findOneByOrFail({ orderId });
    await stock.app.nest
      .get(Transactions)
      .run((tx) => stock.app.nest.get(Reservations).release(tx, orderId));
    const released = await items.findOneByOrFail({ productName: 'Laptop' });
    resetWallClock();

    for (const instant of [set.updatedAt, reserved.reservedAt, released.updatedAt]) {
      expect(Date.now() - instant.getTime()).toBeLessThan(HOUR_MS / 2);
    }
  });
});
