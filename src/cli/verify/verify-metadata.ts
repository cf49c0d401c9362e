import { namedQuery } from '../../database/named-query';
import { MAX_METADATA_KEYS } from '../../orders/metadata';
import type { CommandContext } from '../run-on-database';
import type { Findings } from './findings';

const PAGE_SIZE = 2_000;

interface OrderRow {
  readonly id: number;
  readonly keys: number;
  /** Null when there is no such order. */
  readonly metadata_version: number | null;
  /** How many keys have the owner or the instant of another order. */
  readonly strays: number;
}

/**
 * Finds metadata that no list shows: its owner and instant are those of the order, by which the indexes
 * find it, and an order whose metadata was never written has none. Orders that do not exist are among the
 * references.
 */
export async function verifyMetadata(
  { dataSource: { manager }, interruption }: CommandContext,
  findings: Findings,
): Promise<void> {
  // In one statement, so that it sees an order and its metadata at one instant.
  const sql = `SELECT order_id AS id, keys, metadata_version,
      (SELECT COUNT(*) FROM order_metadata AS one WHERE one.order_id = orders.id
        AND (one.user_id <> orders.user_id OR one.created_at <> orders.created_at)) AS strays
    FROM (SELECT order_id, COUNT(*) AS keys FROM order_metadata WHERE order_id > :after
      GROUP BY order_id ORDER BY order_id LIMIT :limit) AS page
    LEFT JOIN orders ON orders.id = order_id ORDER BY order_id`;
  for (let after = 0; ;) {
    const rows = await namedQuery<OrderRow>(manager, sql, { after, limit: PAGE_SIZE });
    for (const row of rows) verifyRow(row, findings);
    const end = rows.at(-1);
    if (!end || rows.length < PAGE_SIZE) return;
    after = end.id;
    await interruption.check('All orders were verified, but not all metadata.');
  }
}

function verifyRow({ id, keys, metadata_version, strays }: OrderRow, findings: Findings): void {
  const add = (description: string) =>
    findings.add('metadata that differs from its order', `Order ${id} ${description}`);
  if (metadata_version === 0) add(`has ${keys} keys of metadata, but metadata_version is 0`);
  if (keys > MAX_METADATA_KEYS) add(`has ${keys} keys of metadata`);
  if (strays > 0) add(`has ${strays} keys of metadata with another owner or created_at`);
}
