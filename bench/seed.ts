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

/** Due orders of this project, with their turns and histories. */
export function insertOrders(count = ORDERS): string {
  return `${series(count)}
    INSERT INTO orders (user_id, product_name, amount_minor, status, version, attempts, turn,
                        next_attempt_at, created_at, updated_at)
    SELECT (n - 1) % ${USERS} + 1, 'Laptop', 99999, 'pending', 1, 0, (n - 1) / ${USERS},
           ${NOW}, ${NOW}, ${NOW} FROM series;
    INSERT INTO order_history (order_id, sequence, to_status, actor_type, actor_id, created_at)
    SELECT id, 1, 'pending', 'user', user_id, created_at FROM orders
    WHERE id NOT IN (SELECT order_id FROM order_history)`;
}

/** Makes cancelled orders pending again, as if they had just been placed. */
export const UNDO_CANCELLATIONS = `
  DELETE FROM order_history WHERE sequence = 2;
  UPDATE orders SET status = 'pending', version = 1, next_attempt_at = created_at,
    updated_at = created_at, cancelled_at = NULL WHERE status = 'cancelled'`;
