import { namedQuery } from '../src/database/named-query';
import { Transactions } from '../src/database/transactions';
import { ORDER_EVENT, type OrderEvent } from '../src/orders/order-events';
import { OrderTransitions } from '../src/orders/order-transitions';
import { User } from '../src/users/user.entity';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { type SignedUp } from './support/api-client';
import { TestApp } from './support/test-app';

describe('a transaction', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;
  let transactions: Transactions;
  let transitions: OrderTransitions;

  beforeAll(async () => {
    user = await app.api.signUp();
    transactions = app.nest.get(Transactions);
    transitions = app.nest.get(OrderTransitions);
  });

  /** Cancels the order, and renames its owner, in one transaction. */
  const cancelAndRename = (id: number, name: string, beforeCommit: () => void = () => undefined) =>
    transactions.run(async (tx) => {
      const cancelled = await transitions.apply(tx, 'cancel', {
        actorId: user.userId,
        set: (now) => ({ cancelledAt: () => now, nextAttemptAt: null }),
        where: (update) => update.andWhere({ id }),
      });
      await tx.manager.update(User, { id: user.userId }, { name });
      beforeCommit();
      return cancelled;
    });

  const published = (work: () => Promise<unknown>) => {
    const events: OrderEvent[] = [];
    const emitter = app.nest.get(EventEmitter2);
    const listen = (event: OrderEvent) => void events.push(event);
    emitter.on(ORDER_EVENT.cancelled, listen);
    return work()
      .finally(() => emitter.off(ORDER_EVENT.cancelled, listen))
      .then(() => events);
  };

  const linesOf = (id: number) =>
    app.logLines.filter((line) => line['order_id'] === id).map(({ msg }) => msg);

  it('commits a transition together with other writes, and then announces it', async () => {
    const { id } = await user.placeOrder();
    const events = await published(async () => {
      const [cancelled] = await cancelAndRename(id, 'Together');
      expect(cancelled).toMatchObject({ id, status: 'cancelled' });
    });
    expect(events).toMatchObject([{ orderId: id }]);
    expect((await user.get(`/orders/${id}`)).body.status).toBe('cancelled');
    expect((await user.get('/users/me')).body.name).toBe('Together');
    expect(linesOf(id)).toEqual(['Order pending', 'Order cancelled']);
  });

  it('rolls both back when the work fails, and announces nothing', async () => {
    const { id } = await user.placeOrder();
    const { body } = await user.get('/users/me');
    const events = await published(async () => {
      const failure = new Error('Not this time');
      const work = cancelAndRename(id, 'Rolled back', () => {
        throw failure;
      });
      await expect(work).rejects.toBe(failure);
    });
    expect(events).toEqual([]);
    expect((await user.get(`/orders/${id}`)).body.status).toBe('pending');
    expect((await user.get('/users/me')).body).toEqual(body);
    expect(await user.history(id)).toHaveLength(1);
    expect(linesOf(id)).toEqual(['Order pending']);
  });

  it('rolls back a first statement, and continues after one that fails', async () => {
    const rename = (name: string | null) =>
      transactions.run(async ({ manager }) => {
        await namedQuery(manager, 'UPDATE users SET name = :name WHERE id = :id', {
          name,
          id: user.userId,
        });
        throw new Error('The work failed');
      });
    const { name } = (await user.get('/users/me')).body;
    for (let execution = 0; execution < 5; execution++) {
      await expect(rename('Never')).rejects.toThrow('The work failed');
      await expect(rename(null)).rejects.toThrow(/null/i); // violates a constraint
    }
    await transactions.run(async () => undefined);
    expect((await user.get('/users/me')).body.name).toBe(name);
  });

  it('keeps nothing that follows a first statement which cannot be prepared', async () => {
    const { name } = (await user.get('/users/me')).body;
    for (let execution = 0; execution < 5; execution++) {
      const run = transactions.run(async ({ manager }) => {
        const sql = 'SELECT 1 FROM missing WHERE id = :id';
        await namedQuery(manager, sql, { id: 1 }).catch(() => undefined);
        await manager.update(User, { id: user.userId }, { name: 'Never' }).catch(() => undefined);
        throw new Error('The work failed');
      });
      await expect(run).rejects.toThrow('The work failed');
      expect((await user.get('/users/me')).body.name).toBe(name);
    }
  });

  it('calls back in order after the commit, and logs callbacks that fail', async () => {
    const calls: string[] = [];
    const isCommitted = async (name: string) =>
      (await app.dataSource.getRepository(User).countBy({ name })) === 1;
    let committed: Promise<boolean> | undefined;

    const result = await transactions.run(async (tx) => {
      await tx.manager.update(User, { id: user.userId }, { name: 'Committed' });
      tx.afterCommit(() => {
        calls.push('first');
        committed = isCommitted('Committed');
        throw new Error('A callback failed');
      });
      tx.afterCommit(() => Promise.reject(new Error('A promise of a callback failed')));
      tx.afterCommit(() => void calls.push('second'));
      calls.push('work');
      return 'result';
    });

    expect(result).toBe('result');
    expect(calls).toEqual(['work', 'first', 'second']);
    expect(await committed).toBe(true);
    const failures = app.logLines.filter(({ msg }) => msg === 'A callback after a commit failed');
    expect(failures).toMatchObject([
      { level: 'error', err: { message: 'A callback failed' } },
      { level: 'error', err: { message: 'A promise of a callback failed' } },
    ]);
  });
});
