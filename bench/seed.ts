/** So many that none of them exceeds the rate limits of the server. */
export const USERS = 256;
export const ORDERS = USERS * 120;

/** Orders are numbered in turn over the users, so every user has the same number of them. */
export function ownerOf(orderId: number): number {
  return ((orderId - 1) % USERS) + 1;
}

export function emailOf(user: number): string {
  return `user${user}@example.com`;
}

const NOW = `'${new Date().toISOString()}'`;

/** A recursive query, because both databases have it. */
function series(count: number): string {
  return `WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ${count})`;
}

/** Pending orders for a table with the columns that all contenders have. */
export function insertPlainOrders(): string {
  return `${series(ORDERS)}
    INSERT INTO orders (user_id, product_name, amount_minor, status, attempts, created_at, updated_at)
    SELECT (n - 1) % ${USERS} + 1, 'Laptop', 99999, 'pending', 0, ${NOW}, ${NOW} FROM series`;
}

/** Accounts of this project. */
export function insertUsers(passwordHash: string): string {
  return `${series(USERS)}
    INSERT INTO users (id, name, email, password_hash, role, created_at, updated_at)
    SELECT n, 'User', 'user' || n || '@example.com', '${passwordHash}', 'customer', ${NOW}, ${NOW}
    FROM series`;
}

/** As long as those that the server makes. */
const REQUEST_ID = `'4b4b2f43-3d0d-4d0a-9c6a-6f3f0a3f7f0e'`;

/** Due orders of this project, with their turns and histories. */
export function insertOrders(count = ORDERS): string {
  return `${series(count)}
    INSERT INTO orders (user_id, product_name, amount_minor, status, version, attempts, turn,
                        request_id, next_attempt_at, created_at, updated_at)
    SELECT (n - 1) % ${USERS} + 1, 'Laptop', 99999, 'pending', 1, 0, (n - 1) / ${USERS},
           ${REQUEST_ID}, ${NOW}, ${NOW}, ${NOW} FROM series;
    INSERT INTO order_history (order_id, sequence, to_status, actor_type, actor_id, request_id,
                               created_at)
    SELECT id, 1, 'pending', 'user', user_id, request_id, created_at FROM orders
    WHERE status = 'pending'
      AND NOT EXISTS (SELECT 1 FROM order_history WHERE order_id = orders.id)`;
}

/** Completed orders of this project, in turn over the first users, with their histories. */
export function insertCompletedOrders(count: number, owners: number): string {
  return `${series(count)}
    INSERT INTO orders (user_id, product_name, amount_minor, status, version, attempts,
                        completed_at, created_at, updated_at)
    SELECT (n - 1) % ${owners} + 1, 'Laptop', 99999, 'completed', 3, 1, ${NOW}, ${NOW}, ${NOW}
    FROM series;
    INSERT INTO order_history (order_id, sequence, from_status, to_status, actor_type, created_at)
    SELECT id, version, 'processing', 'completed', 'system', created_at FROM orders
    WHERE status = 'completed'`;
}

export const DELETE_PENDING_ORDERS = `
  DELETE FROM order_history WHERE order_id IN (SELECT id FROM orders WHERE status = 'pending');
  DELETE FROM orders WHERE status = 'pending'`;

/** Makes cancelled orders pending again, as if they had just been placed. */
export const UNDO_CANCELLATIONS = `
  DELETE FROM order_history WHERE sequence = 2;
  UPDATE orders SET status = 'pending', version = 1, next_attempt_at = created_at,
    updated_at = created_at, cancelled_at = NULL WHERE status = 'cancelled'`;
