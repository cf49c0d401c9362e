import type { DataSource } from 'typeorm';
import type { OrderStatus } from '../../src/orders/order-status';
import {
  MAX_METADATA_KEYS,
  MAX_METADATA_VALUE_LENGTH,
  type Metadata,
} from '../../src/orders/metadata';
import { OrderMetadataEntry } from '../../src/orders/order-metadata-entry.entity';
import { Order } from '../../src/orders/order.entity';

export interface InsertedOrder {
  readonly userId: number;
  readonly status?: OrderStatus;
  readonly createdAt: Date;
  readonly productName?: string;
  readonly reference?: string;
  readonly metadata?: Metadata;
}

/** Both databases limit the number of parameters of a statement. */
const ROWS_PER_STATEMENT = 500;

/**
 * Inserts orders with the given instants, without a history.
 * @returns their ids, in the given order
 */
export async function insertOrders(
  { manager }: DataSource,
  orders: readonly InsertedOrder[],
): Promise<number[]> {
  const ids: number[] = [];
  await manager.transaction(async (transaction) => {
    for (let start = 0; start < orders.length; start += ROWS_PER_STATEMENT) {
      const rows = orders.slice(start, start + ROWS_PER_STATEMENT);
      const { identifiers } = await transaction.insert(
        Order,
        rows.map(({ userId, status = 'completed', createdAt, ...rest }) => ({
          userId,
          reference: rest.reference ?? null,
          metadataVersion: rest.metadata ? 1 : 0,
          productName: rest.productName ?? 'Laptop',
          amountMinor: 99_999,
          status,
          version: 1,
          attempts: 0,
          nextAttemptAt: status === 'pending' ? createdAt : null,
          leaseToken: status === 'processing' ? 'a lease' : null,
          createdAt,
          updatedAt: createdAt,
        })),
      );
      const inserted = identifiers.map(({ id }) => id as number);
      ids.push(...inserted);
      const entries = rows.flatMap(({ userId, createdAt, metadata = {} }, index) =>
        Object.entries(metadata).map(([key, value]) => ({
          orderId: inserted[index]!,
          key,
          value,
          userId,
          createdAt,
        })),
      );
      if (entries.length > 0) await transaction.insert(OrderMetadataEntry, entries);
    }
  });
  return ids;
}

/** The sizes of the statements that insert many rows: PostgreSQL ends one that takes long. */
function partsOf(count: number): number[] {
  const parts = Array.from({ length: Math.floor(count / 5_000) }, () => 5_000);
  return count % 5_000 === 0 ? parts : [...parts, count % 5_000];
}

/** Inserts many completed orders of one instant with a value in their metadata, without a history. */
export async function insertOrdersWithValue(
  database: DataSource,
  userId: number,
  count: number,
  key: string,
  value: string,
): Promise<void> {
  const now = `'${new Date().toISOString()}'`;
  for (const size of partsOf(count)) {
    await database.query(
      `WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ${size})
       INSERT INTO orders (user_id, product_name, amount_minor, status, version, attempts,
                           metadata_version, created_at, updated_at)
       SELECT ${userId}, 'Laptop', 99999, 'completed', 1, 0, 1, ${now}, ${now} FROM series`,
    );
    await database.query(
      `INSERT INTO order_metadata (order_id, key, value, user_id, created_at)
       SELECT id, '${key}', '${value}', user_id, created_at FROM orders
       WHERE user_id = ${userId} AND created_at = ${now}
         AND id NOT IN (SELECT order_id FROM order_metadata WHERE key = '${key}')`,
    );
  }
}

/** Inserts many due orders with SQL, which is much faster than over HTTP. */
export async function insertPendingOrders(
  database: DataSource,
  userId: number,
  count: number,
  productName = 'Laptop',
): Promise<void> {
  const now = `'${new Date().toISOString()}'`;
  await database.transaction(async (manager) => {
    for (const size of partsOf(count)) {
      await manager.query(
        `WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ${size})
         INSERT INTO orders (user_id, product_name, amount_minor, status, version, attempts,
                             next_attempt_at, created_at, updated_at)
         SELECT ${userId}, '${productName}', 99999, 'pending', 1, 0, ${now}, ${now}, ${now} FROM series`,
      );
      await manager.query(
        `INSERT INTO order_history (order_id, sequence, to_status, actor_type, actor_id, created_at)
         SELECT id, 1, 'pending', 'user', user_id, created_at FROM orders
         WHERE id NOT IN (SELECT order_id FROM order_history)`,
      );
    }
  });
}

/** Gives the newest orders of a user as much metadata as the API accepts. */
export async function addLongMetadata(
  database: DataSource,
  userId: number,
  count: number,
): Promise<void> {
  const newest = `SELECT id FROM orders WHERE user_id = ${userId} ORDER BY id DESC LIMIT ${count}`;
  const keys = `SELECT 1 AS n UNION ALL SELECT n + 1 FROM keys WHERE n < ${MAX_METADATA_KEYS}`;
  await database.query(
    `WITH RECURSIVE keys(n) AS (${keys})
     INSERT INTO order_metadata (order_id, key, value, user_id, created_at)
     SELECT id, 'key' || n, '${'😀'.repeat(MAX_METADATA_VALUE_LENGTH)}', user_id, created_at
     FROM orders CROSS JOIN keys WHERE id IN (${newest})`,
  );
  await database.query(`UPDATE orders SET metadata_version = 1 WHERE id IN (${newest})`);
}
