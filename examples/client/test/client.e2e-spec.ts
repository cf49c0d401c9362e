import { ServerProcess, createFolder } from '../../../test/support/server-process';
import { type TestDatabase, createTestDatabase } from '../../../test/support/test-database';
import { placeAndCancel } from '../place-and-cancel';

describe('The typed client', () => {
  let database: TestDatabase;
  let folder: Awaited<ReturnType<typeof createFolder>>;
  let server: ServerProcess;

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await createFolder();
    server = await ServerProcess.start(folder.path, database.environment);
  });

  afterAll(async () => {
    await server.stop();
    await database.drop();
    await folder.remove();
  });

  it('places an order at the built server, and cancels it', async () => {
    expect(await placeAndCancel(server.api.url)).toMatchObject({
      product_name: 'Laptop',
      amount: 999.99,
      status: 'cancelled',
      cancel_reason: 'Ordered twice',
    });
  });
});
