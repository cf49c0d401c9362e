import { DatabaseUnavailableError } from '../src/database/database-unavailable.error';
import { AdminMoves } from '../src/orders/admin-moves';
import type { BulkResultResponse } from '../src/orders/bulk-orders.dto';
import type { TransitionHook } from '../src/orders/on-transition.decorator';
import { type SignedUp, expectProblem } from './support/api-client';
import { LockingTransaction, waitForBlockedStatement } from './support/locking-transaction';
import { RecordingHooks, ShippedError, never, recordedFor } from './support/recording-hooks';
import { repeatIfStalled } from './support/repeat-if-stalled';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

const CANCELLATIONS = '/admin/orders/cancellations';

const onPostgres = isPostgres() ? describe : describe.skip;

describe('bulk requests of admins, with hooks', () => {
  const hooks = new RecordingHooks(['cancel']);
  const app = TestApp.forEachTest({}, hooks.extensions);
  let user: SignedUp;
  let admin: SignedUp;

  beforeEach(async () => {
    hooks.reset();
    user = await app.api.signUp();
    admin = await app.signUpAdmin();
    app.clock.freeze(); // hooks that advance it use up the time of a request, the machine does not
  });

  const cancel = async (body: object): Promise<BulkResultResponse> =>
    (await admin.post(CANCELLATIONS, body).expect(200)).body as BulkResultResponse;
  const recorded = (id: number) => recordedFor(app.dataSource, id);
  const codesOf = ({ data }: BulkResultResponse) => data.map(({ code }) => code);
  const moved = (count: number) => Array<null>(count).fill(null);
  const unavailable = (count: number) => Array<string>(count).fill('service_unavailable');

  /** Runs a script for some orders; the hooks of the others succeed. */
  const scriptForOrders = (ids: readonly number[], script: TransitionHook): void => {
    hooks.script = (tx, order, transition) =>
      ids.includes(order.id) ? script(tx, order, transition) : undefined;
  };

  it('move the other orders when the hook of one hangs', async () => {
    const ids = await user.placeOrders(20);
    scriptForOrders([ids[3]!], never);
    const result = await cancel({ ids });
    expect(codesOf(result)).toEqual([...moved(3), 'internal_error', ...moved(16)]);
    expect(await recorded(ids[2]!)).toEqual(['2 cancel']);
    expect(await recorded(ids[3]!)).toEqual([]);
  });

  /** Hangs. The second call, which is the first one for an order that is moved alone, takes 20 s. */
  const hangFor20Seconds = (): TransitionHook => {
    let calls = 0;
    return () => {
      if (++calls === 2) app.clock.advance(20_000);
      return never();
    };
  };

  it('end after 20 s when hooks hang, and report the orders that they did not reach', async () => {
    const ids = await user.placeOrders(8);
    scriptForOrders(ids.slice(1), hangFor20Seconds());
    const result = await cancel({ ids });
    expect(result).toMatchObject({ matched: 8, done: 1 });
    expect(codesOf(result)).toEqual([null, 'internal_error', ...unavailable(6)]);
    hooks.reset();
    expect(await cancel({ ids })).toMatchObject({ matched: 8, done: 7 });
  });

  it('move other batches before the orders of one whose hooks hang', async () => {
    const ids = (await user.placeOrders(150)).toReversed();
    scriptForOrders(ids.slice(0, 10), hangFor20Seconds());
    const result = await cancel({ filter: { user_id: user.userId }, limit: 150 });
    expect(result.data.map(({ id }) => id)).toEqual(ids);
    expect(codesOf(result)).toEqual(['internal_error', ...unavailable(99), ...moved(50)]);
  });

  it('move orders one by one when slow hooks let the batches fail', async () => {
    await user.placeOrders(110);
    const many = jest.spyOn(app.nest.get(AdminMoves), 'many');
    hooks.script = () => {
      const [, statuses] = many.mock.lastCall!;
      if (statuses.size === 1) return;
      app.clock.advance(11_000);
      throw new Error('Not finished in time');
    };
    const result = await cancel({ filter: { user_id: user.userId }, limit: 110 });
    expect(result).toMatchObject({ matched: 110, done: 110 });
  });

  it('end soon during a shutdown, and report the orders that they did not reach', async () => {
    const stopping = await TestApp.start({}, hooks.extensions);
    const owner = await stopping.api.signUp();
    const ids = await owner.placeOrders(8);
    let stopped: Promise<void> | undefined;
    scriptForOrders(ids, () => {
      stopped ??= stopping.stop();
      stopping.clock.advance(5_000);
      return never();
    });
    const stoppingAdmin = await stopping.signUpAdmin();
    try {
      const { body } = await stoppingAdmin.post(CANCELLATIONS, { ids }).expect(200);
      expect(codesOf(body as BulkResultResponse)).toEqual(unavailable(8));
      expect(hooks.calls).toHaveLength(1);
    } finally {
      await (stopped ?? stopping.stop());
    }
  });

  describe('when the database becomes unavailable', () => {
    const fail: TransitionHook = () => {
      throw new DatabaseUnavailableError('The connection was lost');
    };

    it('report the outcomes that are known', async () => {
      const ids = (await user.placeOrders(120)).toReversed();
      scriptForOrders([ids[110]!], fail);
      const result = await cancel({ filter: { user_id: user.userId }, limit: 120 });
      expect(codesOf(result)).toEqual([...moved(100), ...unavailable(20)]);
      expect(await recorded(ids[0]!)).toEqual(['2 cancel']);
      expect(await user.path(ids[101]!)).toEqual(['pending']);
      expect(app.logLines).toContainEqual(
        expect.objectContaining({
          level: 'error',
          msg: 'The database failed during a bulk request',
          err: expect.objectContaining({ message: 'The connection was lost' }) as object,
        }),
      );
    });

    it('respond with 503 when none is known', async () => {
      const ids = await user.placeOrders(2);
      scriptForOrders(ids, fail);
      expectProblem(await admin.post(CANCELLATIONS, { ids }), 503, 'service_unavailable');
    });
  });

  it('are continued with older orders when hooks veto the newest ones', async () => {
    const ids = (await user.placeOrders(8)).toReversed();
    scriptForOrders(ids.slice(0, 4), () => Promise.reject(new ShippedError()));
    const filter = { user_id: user.userId };
    expect(codesOf(await cancel({ filter, limit: 5 }))).toEqual([
      ...Array<string>(4).fill('already_shipped'),
      null,
    ]);
    expect(await cancel({ filter, limit: 4 })).toMatchObject({ matched: 7, done: 0 });
    const { created_at } = await user.order(ids[3]!);
    const created_to = new Date(Date.parse(created_at) + 1).toISOString();
    const next = await cancel({ filter: { ...filter, created_to }, limit: 8 });
    expect(next.done).toBe(3);
    expect(next.data.slice(-3)).toEqual(ids.slice(5).map((id) => ({ id, done: true, code: null })));
  });

  onPostgres('while another transaction has locked what a hook locks', () => {
    it.each(['a lock timeout', 'a deadlock'])(
      'report the order of that hook after %s, and move the others',
      (conflict) =>
        // A stall exceeds the time limits of statements.
        repeatIfStalled(async () => {
          const ids = (await user.placeOrders(120)).toReversed();
          const locked = [ids[110]!];
          scriptForOrders(locked, ({ manager }) =>
            manager.query(`SELECT 1 FROM users WHERE id = ${user.userId} FOR UPDATE`),
          );
          const other = await LockingTransaction.begin(app.dataSource);
          let cancelling: Promise<BulkResultResponse> | undefined;
          try {
            await other.lock('users', user.userId);
            cancelling = cancel({ filter: { user_id: user.userId }, limit: 120 });
            if (conflict === 'a deadlock') {
              await waitForBlockedStatement(app.dataSource);
              locked.push(ids[119]!);
              await other.lock('orders', ids[119]!);
            }
            expect(codesOf(await cancelling)).toEqual(
              ids.map((id) => (locked.includes(id) ? 'service_unavailable' : null)),
            );
          } finally {
            await other.end();
            await Promise.allSettled([cancelling]);
          }
          expect(await cancel({ ids: locked })).toMatchObject({ done: locked.length });
        }),
      120_000,
    );
  });
});
