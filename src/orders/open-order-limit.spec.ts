import type { AppConfig } from '../config/app-config';
import type { Transaction, Transactions } from '../database/transactions';
import { OpenOrderLimit } from './open-order-limit';
import type { OrderTransitions } from './order-transitions';
import type { Order } from './order.entity';
import { OpenOrdersLimitReachedError } from './orders.errors';

const ORDER = { userId: 1, productName: 'Laptop', amountMinor: 1 };

const TRANSACTION = {
  manager: { dataSource: { options: { type: 'better-sqlite3' } } },
} as unknown as Transaction;

type Place = OrderTransitions['place'];
type Work = (tx: Transaction) => Promise<unknown>;

describe('OpenOrderLimit', () => {
  /** Whether each placement was counted. */
  const counted: boolean[] = [];
  const opened: ('transaction' | 'statement')[] = [];
  let placeOrder: Place;

  const acceptOrder: Place = async (_tx, _values, condition) => {
    counted.push(condition !== undefined);
    return {} as Order;
  };

  beforeEach(() => {
    counted.splice(0);
    opened.splice(0);
    placeOrder = acceptOrder;
  });

  /** A limit of 1,000, of which a count allows 10 orders without another count. */
  const limitOf1000 = () =>
    new OpenOrderLimit(
      {
        run: (work: Work) => (opened.push('transaction'), work(TRANSACTION)),
        runStatement: (work: Work) => (opened.push('statement'), work(TRANSACTION)),
      } as unknown as Transactions,
      {
        place: (...args: Parameters<Place>) => placeOrder(...args),
        hasHooks: () => false,
      } as unknown as OrderTransitions,
      { orders: { maxOpenPerUser: 1_000 } } as AppConfig,
    );

  it('counts once for 1 % of the limit', async () => {
    const limit = limitOf1000();
    for (let order = 0; order < 12; order++) await limit.place(TRANSACTION, ORDER);
    expect(counted).toEqual([true, ...Array<boolean>(10).fill(false), true]);
  });

  it('allows no more orders for concurrent counts than for one', async () => {
    const limit = limitOf1000();
    const commits: (() => void)[] = [];
    placeOrder = async (...args) => {
      await new Promise<void>((resolve) => commits.push(resolve));
      return acceptOrder(...args);
    };
    const slow = Array.from({ length: 5 }, () => limit.place(TRANSACTION, ORDER));
    placeOrder = acceptOrder;
    for (const [index, commit] of commits.entries()) {
      commit();
      await slow[index];
      if (index > 0) continue;
      for (let order = 0; order < 10; order++) await limit.place(TRANSACTION, ORDER);
    }
    counted.splice(0);
    await limit.place(TRANSACTION, ORDER);
    expect(counted).toEqual([true]);
  });

  it('counts each order after a count that was near the limit', async () => {
    const limit = limitOf1000();
    placeOrder = async (...args) => {
      await acceptOrder(...args);
      placeOrder = acceptOrder;
      return undefined;
    };
    for (let order = 0; order < 4; order++) await limit.place(TRANSACTION, ORDER);
    expect(counted).toEqual(Array<boolean>(5).fill(true));
  });

  it('opens one transaction for an order near the limit', async () => {
    const limit = limitOf1000();
    await limit.placeAlone(ORDER);
    expect(opened).toEqual(['statement']);
    for (let order = 0; order < 10; order++) await limit.place(TRANSACTION, ORDER);
    placeOrder = () => Promise.resolve(undefined);
    await expect(limit.placeAlone(ORDER)).rejects.toThrow(OpenOrdersLimitReachedError);
    opened.splice(0);
    await expect(limit.placeAlone(ORDER)).rejects.toThrow(OpenOrdersLimitReachedError);
    expect(opened).toEqual(['transaction']);
  });
});
