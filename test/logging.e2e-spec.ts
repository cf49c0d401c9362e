import type { Response } from 'supertest';
import { ReadinessService } from '../src/health/readiness.service';
import { type SignedUp, expectProblem } from './support/api-client';
import { type RawResponse, RawConnection, parseResponses } from './support/raw-connection';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';
import { moveWallClock, resetWallClock } from './support/wall-clock';

type LogLine = Record<string, unknown>;

describe('The log', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  afterEach(resetWallClock);

  /** The lines of requests; only they have a `req`. */
  function requestLines(requestId: string): LogLine[] {
    return app.logLines.filter(({ req, request_id }) => req && request_id === requestId);
  }

  /** The line may be written shortly after the client has received the response. */
  async function lineOf({ headers }: Response): Promise<LogLine> {
    const requestId = (headers as Record<string, string>)['x-request-id']!;
    await waitUntil(() => requestLines(requestId).length > 0);
    return requestLines(requestId)[0]!;
  }

  describe('of requests', () => {
    it('has a line with id, method, path, status, user and duration', async () => {
      const response = await user.get('/orders?limit=5').set('X-Request-Id', 'list-orders');

      expect(await lineOf(response)).toMatchObject({
        level: 'info',
        time: expect.any(String),
        request_id: 'list-orders',
        req: { method: 'GET', path: '/orders' },
        res: { status: 200 },
        user_id: user.userId,
        duration_ms: expect.any(Number),
      });
    });

    it('has exactly one line for each of many simultaneous requests', async () => {
      const responses = await Promise.all(Array.from({ length: 20 }, () => user.get('/users/me')));
      for (const response of responses) await lineOf(response);
      for (const { headers } of responses) {
        expect(requestLines(headers['x-request-id']!)).toHaveLength(1);
      }
    });

    it('fault 29: has the real duration when the wall clock is set back during the request', async () => {
      const check = jest.spyOn(app.nest.get(ReadinessService), 'check').mockImplementation(() => {
        moveWallClock(-3_600_000);
        return Promise.resolve({ status: 'ok' });
      });
      const response = await app.api.get('/health/ready').expect(200);
      check.mockRestore();
      const { duration_ms } = await lineOf(response);
      expect(duration_ms).toBeGreaterThanOrEqual(0);
      expect(duration_ms).toBeLessThan(10_000);
    });

    it('has no user for a request without authentication', async () => {
      const line = await lineOf(await app.api.get('/orders'));
      expect(line).toMatchObject({ req: { method: 'GET', path: '/orders' }, res: { status: 401 } });
      expect(line).not.toHaveProperty('user_id');
    });

    it.each([
      ['an unknown route', () => app.api.get('/nope'), '/nope', 404],
      ['a wrong method', () => app.api.raw('put', '/orders'), '/orders', 405],
      ['a rejected order', () => user.post('/orders', {}), '/orders', 400],
      ['a broken path', () => user.get('/orders/%E0%A4%A'), '/orders/%E0%A4%A', 400],
    ])('has a line for %s', async (_, send, path, status) => {
      const response = await send();
      expect(response.status).toBe(status);
      expect(await lineOf(response)).toMatchObject({ req: { path }, res: { status } });
    });

    it.each([
      ['plain', "'", 199],
      ['that are escaped', '"', 99],
    ])('shortens a path of characters %s to 200 bytes', async (_, character, length) => {
      const target = `/${character.repeat(12_000)}`;
      const received = await RawConnection.exchange(
        app.api.url,
        `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      );
      const [{ status, headers, body }] = parseResponses(received) as [RawResponse];
      expect(status).toBe(404);
      const { instance } = JSON.parse(body) as LogLine;
      expect(instance).toBe(`/${character.repeat(499)}…`);
      const line = await lineOf({ headers } as unknown as Response);
      const path = `/${character.repeat(length)}…`;
      expect(line).toMatchObject({ req: { path }, res: { status: 404 } });
      expect(JSON.stringify(line).length).toBeLessThan(450);
    });

    it('has a line for a body that could not be read', async () => {
      const response = await app.api.raw('post', '/auth/login', {
        type: 'application/json',
        content: '{',
      });
      expectProblem(response, 400, 'malformed_body');
      expect(await lineOf(response)).toMatchObject({
        req: { method: 'POST', path: '/auth/login' },
        res: { status: 400 },
      });
    });
  });

  describe('of orders', () => {
    /** The lines of an order, oldest first. */
    function transitionsOf(orderId: number): LogLine[] {
      return app.logLines.filter(({ order_id }) => order_id === orderId);
    }

    it('has a line for placing and for cancelling an order, with the ids of the requests', async () => {
      const placed = await user.post('/orders', { product_name: 'Laptop', amount: 1 }).expect(201);
      const id = placed.body.id as number;
      const cancelled = await user.patch(`/orders/${id}/cancel`).expect(200);

      const line = { level: 'info', order_id: id, owner_id: user.userId };
      expect(transitionsOf(id)).toEqual([
        expect.objectContaining({
          ...line,
          from: null,
          to: 'pending',
          request_id: placed.headers['x-request-id'],
        }),
        expect.objectContaining({
          ...line,
          from: 'pending',
          to: 'cancelled',
          request_id: cancelled.headers['x-request-id'],
        }),
      ]);
    });

    it('has a line for each transition by the processing job', async () => {
      const { id } = await user.placeOrder();
      await app.processor.runOnce();

      const line = { level: 'info', order_id: id, owner_id: user.userId };
      expect(transitionsOf(id)).toEqual([
        expect.objectContaining({ ...line, from: null, to: 'pending' }),
        expect.objectContaining({ ...line, from: 'pending', to: 'processing' }),
        expect.objectContaining({ ...line, from: 'processing', to: 'completed' }),
      ]);
    });

    it('has no line for a rejected cancellation', async () => {
      const { id } = await user.placeOrder();
      await user.patch(`/orders/${id}/cancel`).expect(200);
      await user.patch(`/orders/${id}/cancel`).expect(409);
      expect(transitionsOf(id)).toHaveLength(2);
    });

    it('has the cause when processing fails', async () => {
      const { id } = await user.placeOrder();
      app.fulfilment.script = () => Promise.reject(new Error('out of stock'));
      await app.processor.runOnce();

      expect(transitionsOf(id)).toContainEqual(
        expect.objectContaining({
          level: 'error',
          order_id: id,
          attempt: 1,
          err: expect.objectContaining({
            cause: expect.objectContaining({ type: 'Error', message: 'out of stock' }),
          }),
        }),
      );
    });
  });

  it('does not contain a password hash when the database fails during a registration', async () => {
    await app.dataSource.query('ALTER TABLE users RENAME TO users_away');
    const account = { name: 'John', email: 'late@example.com', password: 'password-e21b' };
    const response = await app.api.post('/auth/register', account);
    await app.dataSource.query('ALTER TABLE users_away RENAME TO users');

    expectProblem(response, 500, 'internal_error');
    const { 'x-request-id': requestId } = response.headers as Record<string, string>;
    const logged = app.logLines.filter(({ request_id, err }) => err && request_id === requestId);
    expect(logged).toEqual([
      expect.objectContaining({
        level: 'error',
        err: expect.objectContaining({ type: 'QueryFailedError' }),
      }),
    ]);
    expect(JSON.stringify(logged)).not.toMatch(/password-e21b|late@example\.com|\$2[ab]\$/);
  });
});
