import { cancelOrder, listOrders, login, placeOrder, register } from './generated.js';

const account = { email: `${crypto.randomUUID()}@example.com`, password: 'secure123' };

await register({ name: 'John', ...account });
const opened = await login(account);
if (opened.status !== 200) throw new Error(opened.data.detail);
const session = { headers: { Authorization: `Bearer ${opened.data.access_token}` } };

const placed = await placeOrder({ product_name: 'Laptop', amount: 999.99 }, session);
if (placed.status !== 201) throw new Error(placed.data.detail);
const list = await listOrders({ status: ['pending', 'failed'], limit: 10 }, session);
if (list.status !== 200) throw new Error(list.data.detail);
if (list.data.data.length !== 1) throw new Error('The list does not have the order');
const cancelled = await cancelOrder(placed.data.id, { reason: 'Ordered twice' }, session);
if (cancelled.status !== 200) throw new Error(cancelled.data.detail);

const rejected = await cancelOrder(placed.data.id, {}, session);
if (rejected.status !== 409 || rejected.data.current_status !== 'cancelled') {
  throw new Error(`Unexpected problem: ${rejected.status}`);
}
process.stdout.write(JSON.stringify(cancelled.data));
