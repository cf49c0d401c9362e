import { EventEmitter2 } from '@nestjs/event-emitter';
import type { EntityManager } from 'typeorm';
import { DatabaseUnavailableError } from '../src/database/database-unavailable.error';
import { Transactions } from '../src/database/transactions';
import { failed } from '../src/jobs/fulfilment-step';
import { ORDER_EVENT } from '../src/orders/order-events';
import { OrderTransitions } from '../src/orders/order-transitions';
import { HOOKED_TRANSITIONS, type TransitionHook } from '../src/orders/on-transition.decorator';
import { User } from '../src/users/user.entity';
import { type SignedUp, expectProblem } from './support/api-client';
import { failCommitsOf } from './support/fail-commits';
import {
  HookWrite,
  RecordingHooks,
  ShippedError,
  never,
  recordedFor,
} from './support/recording-hooks';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

const ORDER = { product_name: 'Laptop', amount: 1 };

describe('hooks of transitions', () => {
  const hooks = new RecordingHooks(HOOKED_TRANSITIONS);
  const app = TestApp.forEachTest({}, hooks.extensions);
  let user: SignedUp;
  let events: string[];

  beforeEach(async () => {
    hooks.reset();
    user = await app.api.signUp();
    events = [];
    for (const name of Object.values(ORDER_EVENT)) {
      app.nest.get(EventEmitter2).on(name, () => void events.push(name));
    }
  });

  const cancel = (id: number, body?: object) => user.patch(`/orders/${id}/cancel`, body);
  const recorded = (id: number) => recordedFor(app.dataSource, id);
  const countWrites = () => app.dataSource.getRepository(HookWrite).count();

  /** Places an order, and sets the script for its cancellation. */
  async function orderWithHook(script: TransitionHook): Promise<number> {
    const { id } = await user.placeOrder();
    hooks.scriptFor(id, 'cancel', script);
    return id;
  }

  /** Nothing of a cancellation is left. */
  async function expectPending(id: number): Promise<void> {
    expect(await user.order(id)).toMatchObject({ status: 'pending', cancelled_at: null });
    expect(await user.path(id)).toEqual(['pending']);
    expect(await recorded(id)).toEqual(['1 place']);
    expect(events).toEqual([ORDER_EVENT.created]);
    const lines = app.logLines.filter(({ order_id }) => order_id === id).map(({ msg }) => msg);
    expect(lines).toEqual(['Order pending']);
  }

  it('write in the transaction of each transition', async () => {
    const { id } = await user.placeOrder();
    await app.processor.runOnce();
    expect(await recorded(id)).toEqual(['1 place', '2 claim', '3 complete']);

    const { id: cancelled } = await user.placeOrder();
    await cancel(cancelled, { reason: 'Too late' }).expect(200);
    expect(await recorded(cancelled)).toEqual(['1 place', '2 cancel']);
    expect(hooks.calls.map(({ transition }) => transition)).toEqual([
      {
        name: 'place',
        from: null,
        to: 'pending',
        actor: { type: 'user', id: user.userId },
        reason: null,
      },
      {
        name: 'claim',
        from: 'pending',
        to: 'processing',
        actor: { type: 'system', id: null },
        reason: null,
      },
      {
        name: 'complete',
        from: 'processing',
        to: 'completed',
        actor: { type: 'system', id: null },
        reason: null,
      },
      {
        name: 'place',
        from: null,
        to: 'pending',
        actor: { type: 'user', id: user.userId },
        reason: null,
      },
      {
        name: 'cancel',
        from: 'pending',
        to: 'cancelled',
        actor: { type: 'user', id: user.userId },
        reason: 'Too late',
      },
    ]);
    expect(hooks.calls[2]?.order).toMatchObject({
      id,
      status: 'completed',
      version: 3,
      productName: 'Laptop',
      completedAt: expect.any(Date) as Date,
    });
  });

  it('veto a cancellation with their own error, which the client receives', async () => {
    const id = await orderWithHook(() => Promise.reject(new ShippedError()));
    const { headers } = await user.get(`/orders/${id}`);
    const response = await cancel(id);
    expectProblem(response, 409, 'already_shipped');
    expect(response.body).toMatchObject({ detail: 'The parcel is on its way' });
    await expectPending(id);
    expect((await user.get(`/orders/${id}`)).headers['etag']).toBe(headers['etag']);

    hooks.reset();
    await cancel(id).expect(200);
  });

  it('veto a placement, which stores no response for its idempotency key', async () => {
    hooks.script = () => {
      throw new ShippedError();
    };
    const withKey = () => user.post('/orders', ORDER).set('Idempotency-Key', 'key');
    expectProblem(await user.post('/orders', ORDER), 409, 'already_shipped');
    expectProblem(await withKey(), 409, 'already_shipped');
    expect((await user.get('/orders')).body).toMatchObject({ data: [] });
    expect(await countWrites()).toBe(0);

    hooks.reset();
    await withKey().expect(201);
  });

  it('veto a retry by an admin', async () => {
    const admin = await app.signUpAdmin();
    const { id } = await user.placeOrder();
    app.fulfilment.script = () => Promise.resolve(failed('Broken'));
    await app.processor.runOnce();
    hooks.scriptFor(id, 'retry', () => Promise.reject(new ShippedError()));
    expectProblem(await admin.post(`/admin/orders/${id}/retry`), 409, 'already_shipped');
    expect(await recorded(id)).toEqual(['1 place', '2 claim', '3 fail']);
    expect((await user.order(id)).status).toBe('failed');
  });

  it('are called when an admin cancels an order, or several', async () => {
    const admin = await app.signUpAdmin();
    const [single, first, second] = await user.placeOrders(3);
    await admin.post(`/admin/orders/${single}/cancel`).expect(200);
    hooks.scriptFor(first!, 'cancel', () => Promise.reject(new ShippedError()));
    const { body } = await admin
      .post('/admin/orders/cancellations', { ids: [first, second] })
      .expect(200);
    expect(body).toMatchObject({
      done: 1,
      data: [
        { id: first, done: false, code: 'already_shipped' },
        { id: second, done: true, code: null },
      ],
    });
    for (const id of [single!, second!]) {
      expect(await recorded(id)).toEqual(['1 place', '2 cancel']);
    }
    expect(await recorded(first!)).toEqual(['1 place']);
    expect(await user.path(first!)).toEqual(['pending']);
  });

  it.each<[fault: string, script: TransitionHook, cause: string]>([
    ['throws', () => Promise.reject(new Error('A defect')), 'A defect'],
    ['throws a string', () => Promise.reject('A defect'), 'A defect'], // oxlint-disable-line prefer-promise-reject-errors
    ['hangs', never, 'took longer than 3000 ms'],
    ['does not await a statement', ({ manager }) => void manager.count(HookWrite), 'not awaited'],
    [
      'does not await a transaction',
      ({ manager }) => {
        const transaction = manager.transaction((nested) => nested.count(HookWrite));
        transaction.catch(() => undefined); // it would end the process of the tests
      },
      'not awaited',
    ],
    [
      'continues after a statement that failed',
      ({ manager }) => manager.query('SELECT 1 FROM missing').catch(() => undefined),
      'A statement failed',
    ],
    [
      'begins a nested transaction after a statement that failed',
      async ({ manager }, { id: orderId }) => {
        await manager.query('SELECT 1 FROM missing').catch(() => undefined);
        const late = { orderId, sequence: 10, transition: 'late' };
        await manager
          .transaction((nested) => nested.insert(HookWrite, late))
          .catch(() => undefined);
        await manager.insert(HookWrite, late).catch(() => undefined);
      },
      'A statement failed',
    ],
    [
      'commits the transaction',
      ({ manager }) => manager.queryRunner?.commitTransaction(),
      'accepts no more statements',
    ],
    [
      'changes the order',
      (_tx, order) => {
        (order as { status: string }).status = 'completed';
      },
      'read only',
    ],
  ])('roll back when one %s: 500, with the cause in the log', async (_fault, script, cause) => {
    const id = await orderWithHook(script);
    expectProblem(await cancel(id), 500, 'internal_error');
    const line = app.logLines.find(({ level }) => level === 'error');
    expect(line).toMatchObject({
      err: {
        message: 'The hook Hooks.record of the transition cancel failed',
        cause: { message: expect.stringContaining(cause) as string },
      },
    });
    await expectPending(id);

    hooks.reset();
    await cancel(id).expect(200);
  });

  it('respond with 503 when the database is unavailable', async () => {
    const id = await orderWithHook(() => {
      throw new DatabaseUnavailableError('The connection was lost');
    });
    expectProblem(await cancel(id), 503, 'service_unavailable');
    await expectPending(id);
  });

  it('undo a vetoed transition in a transaction that continues', async () => {
    const id = await orderWithHook((tx) => {
      tx.afterCommit(() => events.push('of the hook'));
      throw new ShippedError();
    });
    const transitions = app.nest.get(OrderTransitions);
    await app.nest.get(Transactions).run(async (tx) => {
      const cancellation = transitions.apply(tx, 'cancel', {
        actorId: user.userId,
        set: (now) => ({ cancelledAt: () => now }),
        where: (update) => update.andWhere({ id }),
      });
      await expect(cancellation).rejects.toThrow(ShippedError);
      await tx.manager.update(User, { id: user.userId }, { name: 'Continued' });
    });
    await expectPending(id);
    expect((await user.get('/users/me')).body).toMatchObject({ name: 'Continued' });
  });

  it('roll back together with a transition whose commit fails', async () => {
    const id = await orderWithHook(() => undefined);
    await failCommitsOf(app.dataSource, 'order_history');
    await cancel(id).expect(500);
    await expectPending(id);
    expect((await user.post('/orders', ORDER)).status).toBeGreaterThanOrEqual(400);
    expect(await countWrites()).toBe(1);
  });

  it('may catch the error of a statement in a nested transaction', async () => {
    const id = await orderWithHook(({ manager }) =>
      manager.transaction((nested) => nested.query('SELECT 1 FROM missing')).catch(() => undefined),
    );
    await cancel(id).expect(200);
    expect(await recorded(id)).toEqual(['1 place', '2 cancel']);
  });

  it('cannot use the transaction after they have ended', async () => {
    let manager: EntityManager | undefined;
    let late: Promise<unknown> | undefined;
    const insert = (sequence: number) =>
      manager!.insert(HookWrite, { orderId: 1, sequence, transition: 'late' });
    const id = await orderWithHook((tx) => {
      ({ manager } = tx);
      // The first turn in which the hook has ended, when the transaction is still open.
      setImmediate(() => {
        late = insert(10).catch((error: unknown) => error);
      });
    });
    await cancel(id).expect(200);
    expect(await late).toMatchObject({ name: 'StatementTooLateError' });
    await expect(insert(11)).rejects.toThrow('was not awaited');
    await expect(manager!.query('SELECT 1')).rejects.toThrow('was not awaited');
    expect(await recorded(id)).toEqual(['1 place', '2 cancel']);
  });

  it('roll back their own transition only, of those that are committed together', async () => {
    const ids = await user.placeOrders(20);
    const isVetoed = (id: number) => id % 2 === 0;
    hooks.script = (_tx, { id }) => {
      if (isVetoed(id)) throw new ShippedError();
    };
    const responses = await Promise.all(ids.map((id) => cancel(id)));
    for (const [index, id] of ids.entries()) {
      expect(responses[index]!.status).toBe(isVetoed(id) ? 409 : 200);
      expect(await recorded(id)).toEqual(isVetoed(id) ? ['1 place'] : ['1 place', '2 cancel']);
      expect(await user.path(id)).toHaveLength(isVetoed(id) ? 1 : 2);
    }
  });

  it('are called once when 20 cancellations of one order race', async () => {
    const { id } = await user.placeOrder();
    hooks.reset();
    const responses = await Promise.all(Array.from({ length: 20 }, () => cancel(id)));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await recorded(id)).toEqual(['1 place', '2 cancel']);
    expect(hooks.calls).toHaveLength(1);
  });

  it('place no order without a transaction', async () => {
    const transitions = app.nest.get(OrderTransitions);
    const values = { userId: user.userId, productName: 'Laptop', amountMinor: 1 };
    const placed = app.nest.get(Transactions).runStatement((tx) => transitions.place(tx, values));
    if (isPostgres()) await expect(placed).rejects.toThrow('need Transactions.run');
    else await placed;
    expect((await user.get('/orders')).body).toMatchObject({
      data: isPostgres() ? [] : [{ user_id: user.userId }],
    });
  });
});

describe('without hooks', () => {
  const app = TestApp.forSuite();

  afterEach(() => jest.restoreAllMocks());

  it('transitions read no whole orders, and have no savepoints', async () => {
    const user = await app.api.signUp();
    const statements: string[] = [];
    const log = jest.spyOn(app.dataSource.logger, 'logQuery');
    log.mockImplementation((sql) => void statements.push(sql));
    await user.placeOrder();
    expect(await app.processor.runOnce()).toBe(1);
    const { id } = await user.placeOrder();
    await user.patch(`/orders/${id}/cancel`).expect(200);
    expect(statements.filter((sql) => sql.includes('SAVEPOINT'))).toEqual([]);
    const completions = statements.filter((sql) => sql.includes('"completed_at" ='));
    expect(completions).toHaveLength(1);
    expect(completions[0]).not.toContain('failure_reason');
  });
});
