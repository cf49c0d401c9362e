import { databaseTime } from '../../database/database-time';
import { namedQuery } from '../../database/named-query';
import type { OrderStatus } from '../../orders/order-status';
import type { CommandContext } from '../run-on-database';
import type { Findings } from './findings';
import { HistoryReplay, type ReplayedRow } from './history-replay';

const PAGE_SIZE = 2_000;

/** The columns that can be set in one status only, and whether they are always set in it. */
const STATUS_COLUMNS = [
  { column: 'completed_at', only: 'completed', isRequired: true },
  { column: 'cancelled_at', only: 'cancelled', isRequired: true },
  { column: 'failure_reason', only: 'failed', isRequired: true },
  { column: 'cancel_reason', only: 'cancelled', isRequired: false },
  { column: 'lease_expires_at', only: 'processing', isRequired: false },
] as const satisfies { column: string; only: OrderStatus; isRequired: boolean }[];

type StatusColumn = (typeof STATUS_COLUMNS)[number]['column'];

interface OrderRow extends ReplayedRow, Readonly<Record<StatusColumn, string | null>> {
  readonly amount_minor: number;
  readonly next_attempt_at: unknown;
  readonly lease: 'none' | 'missing' | 'expired' | 'valid';
  /** The id of its owner; null when there is no such account. */
  readonly owner: number | null;
}

/** Verifies each order, and its history against it. */
export async function verifyOrders(
  { dataSource: { manager }, interruption, startProgress }: CommandContext,
  findings: Findings,
  stuckAfterSeconds: number,
): Promise<number> {
  let orders = 0;
  const replay = new HistoryReplay<OrderRow>(findings, (order) => {
    orders += 1;
    verifyRow(order, findings);
  });
  const [last] = await namedQuery<{ id: number | null }>(
    manager,
    'SELECT MAX(id) AS id FROM orders',
    {},
  );
  const progress = startProgress('Verifying orders', last?.id ?? 0);
  const sql = pageSql(databaseTime(manager.dataSource, -stuckAfterSeconds));
  for (let after = { id: 0, sequence: 0 }; ;) {
    const rows = await namedQuery<OrderRow>(manager, sql, { ...after, limit: PAGE_SIZE });
    // The page begins with the last order of the one before, unless `retention` has deleted it.
    if (rows[0]?.id !== after.id) replay.drop();
    for (const row of rows) replay.add(row);
    const end = rows.at(-1);
    if (!end || rows.length < PAGE_SIZE) break;
    after = { id: end.id, sequence: end.sequence ?? 0 };
    progress.show(end.id);
    await interruption.check(`Orders up to ${end.id} were verified.`);
  }
  replay.finish();
  progress.end();
  return orders;
}

/**
 * A page of orders with their histories, in one statement, so that it sees an order, its lease and its
 * entries at one instant. It ends after a number of rows, also within a history. It begins with the order in
 * which the page before has ended, without an entry when all were in that page.
 */
function pageSql(stuckBefore: string): string {
  return `SELECT page.*, sequence, from_status, to_status, actor_type, position,
      order_history.user_id AS event_user_id, order_history.created_at AS recorded_at
    FROM (
      SELECT orders.id, user_id, amount_minor, status, version, next_attempt_at, completed_at,
        cancelled_at, cancel_reason, failure_reason, lease_expires_at, orders.created_at,
        orders.updated_at, metadata_version, users.id AS owner,
        CASE WHEN lease_token IS NULL THEN 'none'
          WHEN token IS NULL AND lease_expires_at IS NULL THEN 'missing'
          WHEN COALESCE(expires_at, lease_expires_at) <= ${stuckBefore} THEN 'expired'
          ELSE 'valid' END AS lease
      FROM orders
      LEFT JOIN users ON users.id = user_id
      LEFT JOIN order_leases ON token = lease_token
      WHERE orders.id >= :id ORDER BY orders.id LIMIT :limit
    ) AS page
    LEFT JOIN order_history
      ON order_id = page.id AND order_id >= :id AND (order_id > :id OR sequence > :sequence)
    ORDER BY page.id, sequence LIMIT :limit`;
}

function verifyRow(order: OrderRow, findings: Findings): void {
  const { id, status, lease, next_attempt_at: dueAt, amount_minor: amount } = order;
  if (status === 'processing') {
    if (lease === 'none' || lease === 'missing') {
      findings.add(
        'processing orders without a lease',
        `Order ${id} is processing without a lease`,
      );
    }
    if (lease === 'expired') {
      findings.add('orders stuck past their lease', `Order ${id} is stuck: its lease has expired`);
    }
  } else if (lease !== 'none') {
    findings.add('columns of another status', `Order ${id} is ${status}, but has a lease`);
  }
  if (status === 'pending' && dueAt === null) {
    findings.add('pending orders without a due time', `Order ${id} is pending, but never due`);
  }
  if (status !== 'pending' && dueAt !== null) {
    findings.add('due times of orders that are not pending', `Order ${id} is ${status}, but due`);
  }
  for (const { column, only, isRequired } of STATUS_COLUMNS) {
    const isSet = order[column] !== null;
    if (isSet && status !== only) {
      const description = `Order ${id} is ${status}, but ${column} is set`;
      findings.add('columns of another status', description);
    }
    if (!isSet && status === only && isRequired) {
      const description = `Order ${id} is ${status}, but ${column} is empty`;
      findings.add('columns of another status', description);
    }
  }
  if (!(amount > 0)) {
    findings.add('amounts that are not positive', `Order ${id} has the amount_minor ${amount}`);
  }
  if (order.owner === null) {
    findings.add(
      'references to rows that do not exist',
      `Order ${id} belongs to user ${order.user_id}, who does not exist`,
    );
  }
}
