import { mkdir, rename, rmdir } from 'node:fs/promises';
import { expectProblem } from '../../support/api-client';
import { TestApp } from '../../support/test-app';

/** The part of the driver that causes the fault. */
interface BreakableDriver {
  readonly databaseConnection: { exec(sql: string): void };
}

describe('a server whose SQLite connection breaks and cannot be opened again at once', () => {
  const app = TestApp.forEachTest();

  it('fault 30: is live but not ready meanwhile, and recovers without a restart', async () => {
    const user = await app.api.signUp();
    const { id } = await user.placeOrder();
    const path = String(app.dataSource.options.database);

    // The driver gives up a connection that cannot roll back.
    const { databaseConnection } = app.dataSource.driver as unknown as BreakableDriver;
    jest.spyOn(databaseConnection, 'exec').mockImplementationOnce(() => {
      throw new Error('disk I/O error');
    });
    await app.dataSource.query('BEGIN');
    await rename(path, `${path}-away`);
    await mkdir(path); // a folder cannot be opened as a database

    for (let round = 0; round < 3; round++) {
      await app.api.get('/health/live').expect(200);
      for (const response of [
        await app.api.get('/health/ready'),
        await user.get(`/orders/${id}`),
        await user.post('/orders', { product_name: 'Laptop', amount: 1 }),
      ]) {
        expectProblem(response, 503, 'service_unavailable');
        expect(response.headers['retry-after']).toMatch(/^[1-9]\d*$/);
      }
    }

    await rmdir(path);
    await rename(`${path}-away`, path);
    await app.api.get('/health/ready').expect(200);
    expect(await user.order(id)).toMatchObject({ id, status: 'pending' });
    await user.placeOrder();
    await app.processor.runOnce();
    expect(await user.order(id)).toMatchObject({ status: 'completed' });
  });
});
