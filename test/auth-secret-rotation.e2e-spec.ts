import { databaseTime } from '../src/database/database-time';
import { expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';
import { createTestDatabase, type TestDatabase } from './support/test-database';

describe('a rotation of the JWT secret', () => {
  const OLD = 'the first secret that is long enough';
  const NEW = 'the second secret that is long enough';
  let database: TestDatabase;
  let app: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(async () => {
    await app.stop();
    await database.drop();
  });

  const start = async (environment: Record<string, string>) => {
    app = await TestApp.start({ ...database.environment, ...environment });
    return app;
  };

  it('keeps tokens and cursors valid until the old secret is removed', async () => {
    const { api } = await start({ JWT_SECRET: OLD });
    const user = await api.signUp();
    await user.placeOrder();
    await user.placeOrder();
    const { next_cursor } = (await user.get('/orders?limit=1').expect(200)).body;
    await app.stop();

    const rotated = await start({ JWT_SECRET: NEW, JWT_PREVIOUS_SECRETS: `${OLD}, ` });
    const afterRotation = rotated.api.withToken(user.token!);
    await afterRotation.get('/users/me').expect(200);
    await afterRotation.get(`/orders?limit=1&cursor=${next_cursor}`).expect(200);
    const { body } = await afterRotation
      .post('/auth/refresh', { refresh_token: user.refreshToken })
      .expect(200);
    await rotated.stop();

    const notYetRotated = await start({ JWT_SECRET: OLD, JWT_PREVIOUS_SECRETS: NEW });
    await notYetRotated.api.withToken(body.access_token).get('/users/me').expect(200);
    const next = await notYetRotated.api
      .post('/auth/refresh', { refresh_token: body.refresh_token })
      .expect(200);
    await notYetRotated.stop();

    const later = await start({ JWT_SECRET: NEW });
    expectProblem(await later.api.withToken(user.token!).get('/users/me'), 401, 'invalid_token');
    await later.api.withToken(body.access_token).get('/users/me').expect(200);
    // A token that was refreshed is accepted for another 10 s, and the start may have taken longer.
    const now = databaseTime(later.dataSource);
    await later.dataSource.query(`UPDATE sessions SET refreshed_at = ${now}`);
    const outdated = { refresh_token: next.body.refresh_token };
    expectProblem(await later.api.post('/auth/refresh', outdated), 401, 'refresh_token_invalid');
    await later.api.post('/auth/refresh', { refresh_token: body.refresh_token }).expect(200);
  });
});
