import { setTimeout as delay } from 'node:timers/promises';
import type { BulkResultResponse } from '../src/orders/bulk-orders.dto';
import type { OrderStatus } from '../src/orders/order-status';
import { Order } from '../src/orders/order.entity';
import { type SignedUp, expectProblem } from './support/api-client';
import { placeFailedOrders } from './support/failed-orders';
import { insertOrders } from './support/insert-orders';
import { checkHistories } from './support/history-checker';
import { LockingTransaction, waitForBlockedStatement } from './support/locking-transaction';
import { repeatIfStalled } from './support/repeat-if-stalled';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

const RETRIES = '/admin/orders/retries';
const CANCELLATIONS = '/admin/orders/cancellations';

const onPostgres = isPostgres() ? describe : describe.skip;

describe('bulk requests of admins', () => {
  // Declared first: hooks run in this order, and the next one stops the application.
  afterAll(() => checkHistories(app.dataSource, []));

  const app = TestApp.forSuite();
  let user: SignedUp;
  let admin: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
    admin = await app.signUpAdmin();
  });

  const send = async (path: string, body: object): Promise<BulkResultResponse> =>
    (await admin.post(path, body).expect(200)).body as BulkResultResponse;
  const retry = (body: object) => send(RETRIES, body);
  const cancel = (body: object) => send(CANCELLATIONS, body);
  const statusOf = async (id: number) => (await user.order(id)).status;

  /** An order in each status. */
  const oneOfEach = async () => {
    await app.processor.runOnce();
    const [completed] = await user.placeOrders(1);
    await app.processor.runOnce();
    const [cancelled] = await user.placeOrders(1);
    await user.patch(`/orders/${cancelled}/cancel`).expect(200);
    const [failed] = await placeFailedOrders(app, user);
    const [pending] = await user.placeOrders(1);
    return { completed: completed!, cancelled: cancelled!, failed, pending: pending! };
  };

  describe.each([RETRIES, CANCELLATIONS])('POST %s', (path) => {
    it('requires authentication', async () => {
      expectProblem(await app.api.post(path, { ids: [1] }), 401, 'unauthenticated');
    });

    it('is for admins', async () => {
      expectProblem(await user.post(path, { ids: [1] }), 403, 'forbidden');
    });

    const ids = (count: number) => Array.from({ length: count }, (_, n) => n + 1);
    it.each<[string, unknown, string]>([
      ['no body', undefined, 'ids'],
      ['an empty body', {}, 'ids'],
      ['a limit only', { limit: 1 }, 'ids'],
      ['no ids', { ids: [] }, 'ids'],
      ['101 ids', { ids: ids(101) }, 'ids'],
      ['101 equal ids', { ids: Array.from({ length: 101 }, () => 1) }, 'ids'],
      ['an id that is a string', { ids: ['1'] }, 'ids'],
      ['the id 0', { ids: [0] }, 'ids'],
      ['a negative id', { ids: [-1] }, 'ids'],
      ['a fraction', { ids: [1.5] }, 'ids'],
      ['2^53', { ids: [2 ** 53] }, 'ids'],
      ['an id that is null', { ids: [1, null] }, 'ids'],
      ['a list in the list', { ids: [[1]] }, 'ids'],
      ['ids that are null', { ids: null }, 'ids'],
      ['ids that are a number', { ids: 1 }, 'ids'],
      ['ids that are an object', { ids: { 0: 1, length: 1 } }, 'ids'],
      ['ids and a filter', { ids: [1], filter: {} }, 'filter'],
      ['ids and a limit', { ids: [1], limit: 1 }, 'limit'],
      ['a filter that is null', { filter: null }, 'filter'],
      ['a filter that is a list', { filter: [] }, 'filter'],
      ['a filter that is a list of filters', { filter: [{ status: 'failed' }] }, 'filter'],
      ['a filter that is a string', { filter: 'failed' }, 'filter'],
      ['a filter that is a number', { filter: 5 }, 'filter'],
      ['a filter that is true', { filter: true }, 'filter'],
      ['an unknown field', { ids: [1], status: 'failed' }, 'status'],
      ['an unknown field of the filter', { filter: { product: 'x' } }, 'filter.product'],
      ['a cursor', { filter: { cursor: 'x' } }, 'filter.cursor'],
      ['ids in the filter', { filter: { ids: [1] } }, 'filter.ids'],
      ['an unknown status', { filter: { status: 'lost' } }, 'filter.status'],
      ['no status', { filter: { status: [] } }, 'filter.status'],
      ['an unknown one of two', { filter: { status: ['failed', 'x'] } }, 'filter.status'],
      ['a list separated by commas', { filter: { status: 'failed,pending' } }, 'filter.status'],
      ['a status that is null', { filter: { status: null } }, 'filter.status'],
      ['a status that is an object', { filter: { status: { $ne: 1 } } }, 'filter.status'],
      ['a user that is a string', { filter: { user_id: '1' } }, 'filter.user_id'],
      ['a user that is null', { filter: { user_id: null } }, 'filter.user_id'],
      ['a user that is a list', { filter: { user_id: [1] } }, 'filter.user_id'],
      [
        'an instant that is a day',
        { filter: { created_from: '2026-01-31' } },
        'filter.created_from',
      ],
      ['an instant that is a number', { filter: { created_to: 0 } }, 'filter.created_to'],
      ['an instant that is null', { filter: { created_to: null } }, 'filter.created_to'],
      ['the limit 0', { filter: {}, limit: 0 }, 'limit'],
      ['the limit 1001', { filter: {}, limit: 1_001 }, 'limit'],
      ['a limit that is a string', { filter: {}, limit: '10' }, 'limit'],
      ['a limit that is a fraction', { filter: {}, limit: 1.5 }, 'limit'],
      ['a limit that is null', { filter: {}, limit: null }, 'limit'],
      ['a dry run that is a string', { ids: [1], dry_run: 'true' }, 'dry_run'],
      ['a dry run that is a number', { ids: [1], dry_run: 1 }, 'dry_run'],
      ['a dry run that is null', { ids: [1], dry_run: null }, 'dry_run'],
      ['a reason that is a number', { ids: [1], reason: 5 }, 'reason'],
    ])('rejects %s', async (_, body, field) => {
      const response = await admin.post(path, body);
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual(
        expect.arrayContaining([{ field, message: expect.any(String) }]),
      );
    });

    it.each(['__proto__', 'constructor', 'toString', 'prototype', 'valueOf'])(
      'rejects the field %s, also of the filter',
      async (name) => {
        for (const [content, field] of [
          [`{"ids":[1],"${name}":{"ids":[2]}}`, name],
          [`{"filter":{"${name}":{"user_id":1}}}`, `filter.${name}`],
        ] as const) {
          const response = await admin.raw('post', path, { type: 'application/json', content });
          expectProblem(response, 400, 'validation_failed');
          expect(response.body.errors).toEqual([{ field, message: expect.any(String) }]);
        }
      },
    );

    it.each(['null', '[]', '[1]', '"x"', '{"ids":['])('rejects the body %s', async (content) => {
      const response = await admin.raw('post', path, { type: 'application/json', content });
      expectProblem(response, 400, 'malformed_body');
    });

    it('reports ids of orders that do not exist, and one entry per id', async () => {
      const missing = Number.MAX_SAFE_INTEGER;
      const { completed } = await oneOfEach();
      const code = path === RETRIES ? 'order_not_retryable' : 'order_not_cancellable';
      expect(await send(path, { ids: [missing, completed, missing, completed] })).toEqual({
        matched: 1,
        done: 0,
        dry_run: false,
        data: [
          { id: missing, done: false, code: 'order_not_found' },
          { id: completed, done: false, code },
        ],
      });
    });
  });

  it('reject a reason of a retry', async () => {
    const response = await admin.post(RETRIES, { ids: [1], reason: 'x' });
    expectProblem(response, 400, 'validation_failed');
  });

  it('retry the failed orders among ids, and report why the others were skipped', async () => {
    const { completed, cancelled, failed, pending } = await oneOfEach();
    const response = await admin
      .post(RETRIES, { ids: [pending, failed, completed, cancelled] })
      .expect(200);
    expect(response.body).toEqual({
      matched: 4,
      done: 1,
      dry_run: false,
      data: [
        { id: pending, done: false, code: 'order_not_retryable' },
        { id: failed, done: true, code: null },
        { id: completed, done: false, code: 'order_not_retryable' },
        { id: cancelled, done: false, code: 'order_not_retryable' },
      ],
    });
    expect(await user.order(failed)).toMatchObject({
      status: 'pending',
      attempts: 0,
      failure_reason: null,
    });
    expect((await user.history(failed)).at(-1)).toMatchObject({
      from: 'failed',
      to: 'pending',
      actor: { type: 'admin', id: admin.userId },
      request_id: response.headers['x-request-id'],
    });
    expect(await app.processor.runOnce()).toBe(2);
    expect(await statusOf(failed)).toBe('completed');
  });

  it('cancel the pending and failed orders among ids, with the reason', async () => {
    const { completed, cancelled, failed, pending } = await oneOfEach();
    const response = await admin
      .post(CANCELLATIONS, { ids: [completed, failed, pending, cancelled], reason: 'Recalled' })
      .expect(200);
    expect(response.body).toEqual({
      matched: 4,
      done: 2,
      dry_run: false,
      data: [
        { id: completed, done: false, code: 'order_not_cancellable' },
        { id: failed, done: true, code: null },
        { id: pending, done: true, code: null },
        { id: cancelled, done: false, code: 'order_not_cancellable' },
      ],
    });
    for (const [id, from] of [
      [failed, 'failed'],
      [pending, 'pending'],
    ] as const) {
      expect(await user.order(id)).toMatchObject({
        status: 'cancelled',
        cancel_reason: 'Recalled',
        failure_reason: null,
        next_attempt_at: null,
      });
      expect((await user.history(id)).at(-1)).toMatchObject({
        from,
        to: 'cancelled',
        actor: { type: 'admin', id: admin.userId },
        reason: 'Recalled',
        request_id: response.headers['x-request-id'],
      });
    }
    expect((await user.order(cancelled)).cancel_reason).toBeNull();
  });

  it('change nothing in a dry run, and report what they would do', async () => {
    const { completed, failed, pending } = await oneOfEach();
    const before = await app.dataSource.getRepository(Order).find({ order: { id: 'ASC' } });
    const ids = [completed, failed, pending];
    const entry = (id: number, code: string | null) => ({ id, done: false, code });
    expect(await retry({ ids, dry_run: true })).toEqual({
      matched: 3,
      done: 0,
      dry_run: true,
      data: [
        entry(completed, 'order_not_retryable'),
        entry(failed, null),
        entry(pending, 'order_not_retryable'),
      ],
    });
    const { data } = await cancel({ ids, dry_run: true });
    expect(data).toEqual([
      entry(completed, 'order_not_cancellable'),
      entry(failed, null),
      entry(pending, null),
    ]);
    await retry({ filter: {}, limit: 1_000, dry_run: true });
    await cancel({ filter: {}, limit: 1_000, dry_run: true });
    const after = await app.dataSource.getRepository(Order).find({ order: { id: 'ASC' } });
    expect(after).toEqual(before);
  });

  describe('with a filter', () => {
    let owner: SignedUp;

    beforeEach(async () => {
      owner = await app.api.signUp();
    });

    const ownIds = (result: BulkResultResponse) => result.data.map(({ id }) => id);
    const filter = (rest: object = {}) => ({ user_id: owner.userId, ...rest });

    it('retry the failed orders of a user, newest first, and no others', async () => {
      const ids = await placeFailedOrders(app, owner, 3);
      const [other] = await placeFailedOrders(app, user);
      const [pending] = await owner.placeOrders(1);
      const result = await retry({ filter: filter() });
      expect(result).toMatchObject({ matched: 3, done: 3, dry_run: false });
      expect(ownIds(result)).toEqual(ids.toReversed());
      expect(await statusOf(other)).toBe('failed');
      expect((await owner.order(pending!)).status).toBe('pending');
      expect(await retry({ filter: filter() })).toEqual({
        matched: 0,
        done: 0,
        dry_run: false,
        data: [],
      });
    });

    it('cancel the pending and failed orders of a user', async () => {
      const [failed] = await placeFailedOrders(app, owner);
      const [pending] = await owner.placeOrders(1);
      const result = await cancel({ filter: filter(), reason: 'Account closed' });
      expect(result).toMatchObject({ matched: 2, done: 2 });
      expect(ownIds(result)).toEqual([pending, failed]);
    });

    it.each<[string, unknown]>([
      ['one status', 'failed'],
      ['a list of one', ['failed']],
      ['a list with duplicates', ['failed', 'failed']],
    ])('cancel orders in %s only', async (_, status) => {
      const [failed] = await placeFailedOrders(app, owner);
      const [pending] = await owner.placeOrders(1);
      expect(ownIds(await cancel({ filter: filter({ status }) }))).toEqual([failed]);
      expect((await owner.order(pending!)).status).toBe('pending');
    });

    it('report orders in a status that cannot be moved', async () => {
      const [id] = await owner.placeOrders(1);
      const skipped = { matched: 1, done: 0, data: [{ id, done: false }] };
      expect(await retry({ filter: filter({ status: 'pending' }) })).toMatchObject({
        ...skipped,
        data: [{ id, done: false, code: 'order_not_retryable' }],
      });
      await app.processor.runOnce();
      expect(await cancel({ filter: filter({ status: ['completed'] }) })).toMatchObject({
        ...skipped,
        data: [{ id, done: false, code: 'order_not_cancellable' }],
      });
    });

    it('select by the instant of placement: from inclusive, to exclusive', async () => {
      const start = Date.parse('2026-01-31T12:00:00.000Z');
      const ids = await insertOrders(
        app.dataSource,
        [0, 1, 2, 3].map((offset) => ({
          userId: owner.userId,
          status: 'failed' as const,
          createdAt: new Date(start + offset),
        })),
      );
      const at = (offset: number) => new Date(start + offset).toISOString();
      const { data } = await retry({
        filter: filter({ created_from: at(1), created_to: at(3) }),
        dry_run: true,
      });
      expect(data.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
      await app.dataSource.getRepository(Order).delete(ids); // they have no history
    });

    it('move up to `limit` orders, and count the others', async () => {
      const ids = await placeFailedOrders(app, owner, 5);
      const first = await retry({ filter: filter(), limit: 2 });
      expect(first).toMatchObject({ matched: 5, done: 2 });
      expect(ownIds(first)).toEqual(ids.toReversed().slice(0, 2));
      expect(await retry({ filter: filter(), limit: 2 })).toMatchObject({ matched: 3, done: 2 });
      expect(await retry({ filter: filter(), limit: 2 })).toMatchObject({ matched: 1, done: 1 });
    });
  });

  it('move each order once, however many requests are concurrent', async () => {
    const owner = await app.api.signUp();
    const ids = await placeFailedOrders(app, owner, 60);
    const results = await Promise.all([
      retry({ ids }),
      retry({ ids: ids.toReversed() }),
      retry({ filter: { user_id: owner.userId }, limit: 1_000 }),
      ...ids.slice(0, 10).map((id) => admin.post(`/admin/orders/${id}/retry`)),
    ]);
    const bulk = results.slice(0, 3) as BulkResultResponse[];
    const single = results
      .slice(3)
      .filter((response) => 'status' in response && response.status === 202);
    const done = bulk.reduce((sum, result) => sum + result.done, 0) + single.length;
    expect(done).toBe(ids.length);
    for (const { data } of bulk) {
      for (const entry of data) {
        expect(entry.code).toBe(entry.done ? null : 'order_not_retryable');
      }
    }
    for (const id of ids) {
      expect((await owner.path(id)).slice(-2)).toEqual(['failed', 'pending']);
    }
  }, 180_000);

  it('cancel or leave to a claim each of 100 orders', async () => {
    await app.processor.runOnce();
    const ids = await user.placeOrders(100);
    const [result, completed] = await Promise.all([
      cancel({ ids, reason: 'Race' }),
      app.processor.runOnce(),
    ]);
    expect(result.done + completed).toBe(100);
    for (const { id, done, code } of result.data) {
      expect(code).toBe(done ? null : 'order_not_cancellable');
      expect(await statusOf(id)).toBe(done ? 'cancelled' : 'completed');
    }
  }, 180_000);

  it('move the other orders when one cannot be moved', async () => {
    const ids = await placeFailedOrders(app, user, 3);
    // The entry of its next transition exists already.
    await app.dataSource.query(
      `INSERT INTO order_history (order_id, sequence, to_status, actor_type, created_at)
       SELECT order_id, 4, to_status, actor_type, created_at FROM order_history
       WHERE order_id = ${ids[1]} AND sequence = 3`,
    );
    expect(await retry({ ids })).toEqual({
      matched: 3,
      done: 2,
      dry_run: false,
      data: [
        { id: ids[0], done: true, code: null },
        { id: ids[1], done: false, code: 'internal_error' },
        { id: ids[2], done: true, code: null },
      ],
    });
    expect(app.logLines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        msg: 'An order could not be moved',
        order_id: ids[1],
      }),
    );
    await app.dataSource.query(
      `DELETE FROM order_history WHERE order_id = ${ids[1]} AND sequence = 4`,
    );
    expect(await retry({ ids })).toMatchObject({ done: 1 });
  });

  // A stall exceeds the time limits of statements.
  onPostgres('while another transaction has locked an order', () => {
    it(
      'report it, and move the others',
      () =>
        repeatIfStalled(async () => {
          const ids = await placeFailedOrders(app, user, 3);
          const missing = Number.MAX_SAFE_INTEGER;
          const locking = await LockingTransaction.begin(app.dataSource);
          try {
            await locking.lock('orders', ids[1]!);
            expect(await retry({ ids: [missing, ...ids] })).toEqual({
              matched: 3,
              done: 2,
              dry_run: false,
              data: [
                { id: missing, done: false, code: 'order_not_found' },
                { id: ids[0], done: true, code: null },
                { id: ids[1], done: false, code: 'service_unavailable' },
                { id: ids[2], done: true, code: null },
              ],
            });
          } finally {
            await locking.end();
          }
          expect(await retry({ ids })).toMatchObject({ done: 1 });
        }),
      60_000,
    );

    it(
      'wait for it for a moment',
      () =>
        repeatIfStalled(async () => {
          const [id] = await placeFailedOrders(app, user);
          const locking = await LockingTransaction.begin(app.dataSource);
          let retrying: Promise<BulkResultResponse> | undefined;
          try {
            await locking.lock('orders', id);
            retrying = retry({ ids: [id] });
            await waitForBlockedStatement(app.dataSource);
            await locking.end();
            expect(await retrying).toMatchObject({
              done: 1,
              data: [{ id, done: true, code: null }],
            });
          } finally {
            await locking.end();
            await Promise.allSettled([retrying]);
          }
        }),
      60_000,
    );

    it.each([
      ['older', 0],
      ['newer', 2],
    ])(
      'move the %s of two when only that one is released',
      (_, released) =>
        repeatIfStalled(async () => {
          const ids = await placeFailedOrders(app, user, 3);
          const lockings: LockingTransaction[] = [];
          let retrying: Promise<BulkResultResponse> | undefined;
          try {
            for (const id of ids) {
              lockings.push(await LockingTransaction.begin(app.dataSource));
              if (id !== ids[1]) await lockings.at(-1)!.lock('orders', id);
            }
            retrying = retry({ ids });
            await waitForBlockedStatement(app.dataSource);
            // Late enough that the statement, which then waits for the other order, exceeds its own time limit.
            await delay(700);
            await lockings[released]!.end();
            const { data } = await retrying;
            expect(data.map(({ done }) => done)).toEqual([released === 0, true, released === 2]);
            expect(data[2 - released]).toMatchObject({ code: 'service_unavailable' });
          } finally {
            for (const locking of lockings) await locking.end();
            await Promise.allSettled([retrying]);
          }
        }),
      60_000,
    );
  });
});

describe('bulk requests that match 10,000 orders', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });
  let user: SignedUp;
  let admin: SignedUp;
  const MATCHING = 10_000;

  beforeAll(async () => {
    user = await app.api.signUp();
    admin = await app.signUpAdmin();
    const order = (status: OrderStatus) => (_: unknown, n: number) => ({
      userId: user.userId,
      status,
      createdAt: new Date(Date.parse('2026-01-01T00:00:00Z') + n),
    });
    await insertOrders(app.dataSource, [
      ...Array.from({ length: MATCHING + 5 }, order('failed')),
      ...Array.from({ length: 100 }, order('completed')),
    ]);
  }, 180_000);

  it('move 100 by default, up to 1,000, and count up to 10,000', async () => {
    const filter = { user_id: user.userId };
    const trial = await admin.post(RETRIES, { filter, dry_run: true }).expect(200);
    expect(trial.body).toMatchObject({ matched: MATCHING, done: 0 });
    expect(trial.body.data).toHaveLength(100);
    const { body } = await admin.post(RETRIES, { filter, limit: 1_000 }).expect(200);
    expect(body).toMatchObject({ matched: MATCHING, done: 1_000 });
    expect(body.data).toHaveLength(1_000);
    const next = await admin.post(RETRIES, { filter, limit: 1_000 }).expect(200);
    expect(next.body).toMatchObject({ matched: MATCHING - 995, done: 1_000 });
    const [{ entries }] = await app.dataSource.query<[{ entries: number }]>(
      `SELECT COUNT(*) AS entries FROM order_history WHERE from_status = 'failed'`,
    );
    expect(entries).toBe(2_000);
  }, 180_000);

  it('serve other requests meanwhile', async () => {
    const bulk = { isDone: false };
    const cancelling = admin
      .post(CANCELLATIONS, { filter: {}, limit: 1_000 })
      .then(() => (bulk.isDone = true));
    let served = 0;
    while (!bulk.isDone) {
      await user.placeOrder();
      if (!bulk.isDone) served++;
    }
    await cancelling;
    expect(served).toBeGreaterThan(0);
  }, 180_000);
});
