import type { EntityManager } from 'typeorm';
import { namedQuery } from '../src/database/named-query';
import { SqlExpression } from '../src/database/returning';
import { Transactions } from '../src/database/transactions';
import { DUE_ORDERS, selectDue, selectDueByOwner } from '../src/jobs/due-orders';
import { OrderClaims } from '../src/jobs/order-claims';
import { OrderLeases } from '../src/jobs/order-leases';
import { OwnerTurns } from '../src/orders/owner-turns';
import { insertPendingOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

const ORDERS = 10_000;
const LIMIT = 100;

/** As in `order-claims.ts`. */
const TURNS_PER_TRANSACTION = 1_000;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: PlanNode[];
}

type EntriesRead = Record<'withTurn' | 'withoutTurn', number>;

/** On a table with many pending orders of one owner, half of which have a turn. */
describe('the cost of a claim', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });
  let userId: number;

  beforeAll(async () => {
    ({ userId } = await app.api.signUp());
    await insertPendingOrders(app.dataSource, userId, ORDERS);
    await app.dataSource.query('UPDATE orders SET turn = id WHERE id % 2 = 0');
    await app.dataSource.query(isPostgres() ? 'VACUUM ANALYZE orders' : 'ANALYZE');
  }, 60_000);

  /**
   * Expects a statement to read a range of an index; on PostgreSQL few pages, too.
   * @param options.maySort the statement may sort the rows that it has read
   * @param options.pagesPerOrder by default one to find an order, and one to lock it
   */
  async function expectFewPages(
    sql: string,
    parameters: Record<string, unknown>,
    index: string,
    { maySort = false, pagesPerOrder = 2 } = {},
  ): Promise<void> {
    const { manager } = app.dataSource;
    if (!isPostgres()) {
      const plan = await namedQuery<{ detail: string }>(
        manager,
        `EXPLAIN QUERY PLAN ${sql}`,
        parameters,
      );
      const details = plan.map(({ detail }) => detail).join('\n');
      expect(details).toContain(`USING INDEX ${index} (`);
      expect(details).not.toMatch(maySort ? /SCAN orders/ : /TEMP B-TREE|SCAN orders/);
      return;
    }
    const [row] = await namedQuery<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      manager,
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`,
      parameters,
    );
    const { Plan: plan } = row!['QUERY PLAN'][0]!;
    expect(JSON.stringify(plan)).toContain(`"Index Name":"${index}`);
    expect(JSON.stringify(plan)).not.toMatch(
      maySort ? /"Node Type":"Seq Scan"/ : /"Node Type":"(Sort|Seq Scan)"/,
    );
    // And those above the leaves of the index.
    const maxPages = (pagesPerOrder + 1) * LIMIT;
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(maxPages);
  }

  it.each([
    ['withTurn', { fromTurn: 0 }],
    ['withTurn', { fromTurn: ORDERS / 2 }],
    ['alone', {}],
  ] as const)('does not depend on the orders that wait: %s %j', async (due, parameters) => {
    const { index } = DUE_ORDERS[due];
    const sql = selectDue(app.dataSource.manager, DUE_ORDERS[due]);
    await expectFewPages(sql, { ...parameters, limit: LIMIT }, index);
  });

  it('does not depend on the orders that wait for a turn, but for those of a window', async () => {
    await expectFewPages(
      selectDueByOwner(app.dataSource.manager, DUE_ORDERS.withoutTurn),
      { dueSince: '1970-01-01T00:00:00.000Z', window: LIMIT, limit: LIMIT },
      DUE_ORDERS.withoutTurn.index,
      { maySort: true, pagesPerOrder: 5 }, // it finds each order again in the primary key
    );
  });

  it('does not depend on the pending orders, of anybody, when an order is placed', async () => {
    const other = await app.api.signUp();
    for (const owner of [userId, other.userId]) {
      const turns = new OwnerTurns();
      const turn = await app.nest.get(Transactions).run((tx) => turns.forNewOrder(tx, owner, true));
      if (!(turn instanceof SqlExpression)) throw new Error('The turn is known');
      await expectFewPages(
        `SELECT ${turn.sql}`,
        turn.parameters,
        'orders_user_id_status_created_at_idx',
        { pagesPerOrder: 0 },
      );
    }
  });

  /** Counts the entries of an index that PostgreSQL reads during a claim. */
  async function entriesReadByClaim(limit: number): Promise<EntriesRead> {
    const [turns, leases] = [app.nest.get(OwnerTurns), app.nest.get(OrderLeases)];
    const [check, create] = [turns.check.bind(turns), leases.create.bind(leases)];
    const read = async ({ manager }: { manager: EntityManager }) => {
      const count = (due: 'withTurn' | 'withoutTurn') =>
        `pg_stat_get_xact_tuples_returned('${DUE_ORDERS[due].index}'::regclass)::int`;
      const [row] = await manager.query<[EntriesRead]>(
        `SELECT ${count('withTurn')} AS "withTurn", ${count('withoutTurn')} AS "withoutTurn"`,
      );
      return row;
    };
    // The first and the last thing that its transaction does. The counters are those of the connection.
    let before: EntriesRead = { withTurn: 0, withoutTurn: 0 };
    let after = before;
    jest.spyOn(turns, 'check').mockImplementationOnce(async (tx) => {
      before = await read(tx);
      return check(tx);
    });
    jest.spyOn(leases, 'create').mockImplementationOnce(async (token, ids, manager) => {
      after = await read({ manager });
      return create(token, ids, manager);
    });
    expect(await app.nest.get(OrderClaims).claim(limit)).toHaveLength(limit);
    return {
      withTurn: after.withTurn - before.withTurn,
      withoutTurn: after.withoutTurn - before.withoutTurn,
    };
  }

  // SQLite keeps no old versions of rows in its indexes.
  (isPostgres() ? describe : describe.skip)('beside an old snapshot', () => {
    it('does not depend on the orders that were claimed since', async () => {
      await app.dataSource.query(
        `UPDATE orders SET next_attempt_at = next_attempt_at - id * interval '1 ms'`,
      );
      await app.dataSource.query('VACUUM ANALYZE orders');
      const old = app.dataSource.createQueryRunner();
      await old.startTransaction('REPEATABLE READ');
      // The searches from the first key, one per second, are not measured.
      jest.spyOn(performance, 'now').mockReturnValue(1_000_000);
      try {
        await old.query('SELECT 1 FROM orders LIMIT 1');
        const claims = app.nest.get(OrderClaims);
        for (const limit of [1_000, 1_000, 1_000, LIMIT]) await claims.claim(limit);
        const { withTurn, withoutTurn } = await entriesReadByClaim(LIMIT);
        // What the last search found, and what this one finds.
        expect(withTurn).toBeGreaterThanOrEqual(LIMIT);
        expect(withTurn).toBeLessThanOrEqual(2 * LIMIT);
        expect(withoutTurn).toBeGreaterThan(0);
        expect(withoutTurn).toBeLessThanOrEqual(2 * TURNS_PER_TRANSACTION);
      } finally {
        jest.restoreAllMocks();
        await old.rollbackTransaction();
        await old.release();
      }
    });
  });
});
