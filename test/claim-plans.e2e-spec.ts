import { namedQuery } from '../src/database/named-query';
import { SqlExpression } from '../src/database/returning';
import { Transactions } from '../src/database/transactions';
import { DUE_ORDERS, selectDue } from '../src/jobs/due-orders';
import { OrderClaims } from '../src/jobs/order-claims';
import { OwnerTurns } from '../src/orders/owner-turns';
import { insertPendingOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

const ORDERS = 10_000;
const LIMIT = 100;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: PlanNode[];
}

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

  /** Expects a statement to read a range of an index without sorting; on PostgreSQL few pages, too. */
  async function expectFewPages(
    sql: string,
    parameters: Record<string, unknown>,
    index: string,
    { maySort = false } = {},
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
      expect(details).not.toMatch(/TEMP B-TREE|SCAN orders/);
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
    // Of each order, two pages at most are read: one to find it, and one to lock it.
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(3 * LIMIT);
  }

  it.each([
    ['withTurn', { fromTurn: 0 }],
    ['withTurn', { fromTurn: ORDERS / 2 }],
    ['withoutTurn', { dueSince: '1970-01-01T00:00:00.000Z' }],
    ['alone', {}],
  ] as const)('does not depend on the orders that wait: %s %j', async (due, parameters) => {
    const { index } = DUE_ORDERS[due];
    const sql = selectDue(app.dataSource.manager, DUE_ORDERS[due]);
    await expectFewPages(sql, { ...parameters, limit: LIMIT }, index);
  });

  it('does not depend on the orders of others when an order is placed', async () => {
    const other = await app.api.signUp();
    const turns = new OwnerTurns();
    const turn = await app.nest
      .get(Transactions)
      .run((tx) => turns.forNewOrder(tx, other.userId, true));
    if (!(turn instanceof SqlExpression)) throw new Error('The turn is known');
    await expectFewPages(
      `SELECT ${turn.sql}`,
      turn.parameters,
      'orders_user_id_status_created_at_idx',
      { maySort: true }, // PostgreSQL sorts the pending orders of the owner
    );
  });

  // SQLite keeps no old versions of rows in its indexes.
  it('does not depend on orders that were claimed since an old snapshot', async () => {
    if (!isPostgres()) return;
    const claims = app.nest.get(OrderClaims);
    const old = app.dataSource.createQueryRunner();
    await old.startTransaction('REPEATABLE READ');
    try {
      await old.query('SELECT 1 FROM orders LIMIT 1');
      await claims.claim(4_000);
      const pages = async (fromTurn: number) => {
        const [row] = await namedQuery<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
          app.dataSource.manager,
          `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)
           ${selectDue(app.dataSource.manager, DUE_ORDERS.withTurn)}`,
          { fromTurn, limit: LIMIT },
        );
        const { Plan: plan } = row!['QUERY PLAN'][0]!;
        return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
      };
      const [next] = await app.dataSource.query<{ turn: number }[]>(
        `SELECT MIN(turn) AS turn FROM orders WHERE status = 'pending'`,
      );
      expect(await pages(next!.turn)).toBeLessThan(3 * LIMIT);
      expect(await pages(0)).toBeGreaterThan(3 * LIMIT);
    } finally {
      await old.rollbackTransaction();
      await old.release();
    }
  });
});
