import { NoMeasurements } from '../common/measurements';
import type { AppConfig } from '../config/app-config';
import type { Transaction, Transactions } from '../database/transactions';
import type { OrderTransitions } from '../orders/order-transitions';
import { AbandonedOrders } from './abandoned-orders';
import type { ExpiredLeases } from './expired-leases';

const SEARCH_MS = 400;

describe('the search for abandoned orders', () => {
  let now: number;
  let areNew: boolean;
  let searches: number;
  let abandoned: AbandonedOrders;

  beforeEach(() => {
    now = 0;
    areNew = false;
    searches = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const manager = {
      dataSource: {
        options: { type: 'better-sqlite3' },
        driver: { escapeQueryWithParameters: (sql: string) => [sql, []] },
      },
      query: () => {
        searches++;
        now += SEARCH_MS;
        return Promise.resolve([]);
      },
    };
    const tx = { manager, afterCommit: () => undefined } as unknown as Transaction;
    const transactions = { run: (work: (tx: Transaction) => Promise<number>) => work(tx) };
    const leases = {
      areNew: () => Promise.resolve(areNew),
      lock: () => Promise.resolve([]),
      delete: () => Promise.resolve(),
    };
    abandoned = new AbandonedOrders(
      transactions as unknown as Transactions,
      {} as OrderTransitions,
      leases as unknown as ExpiredLeases,
      { processing: { maxAttempts: 5 } } as AppConfig,
      new NoMeasurements(),
    );
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('takes at most a twentieth of the time', async () => {
    while (now < 100_000) {
      await abandoned.reclaim();
      now += 1_000;
    }
    expect(searches).toBeGreaterThan(5);
    expect(searches * SEARCH_MS).toBeLessThanOrEqual(now / 20 + SEARCH_MS);
  });

  it('is not delayed when another lease has expired', async () => {
    await abandoned.reclaim();
    await abandoned.reclaim();
    expect(searches).toBe(1);
    areNew = true;
    await abandoned.reclaim();
    expect(searches).toBe(2);
  });
});
