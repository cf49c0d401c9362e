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
if (list.data.data.length !== 1) throw new Error('The list is not current');
const cancelled = await cancelOrder(placed.data.id, { reason: 'Ordered twice' }, session);
if (cancelled.status !== 200) throw new Error(cancelled.data.detail);

const refused = await cancelOrder(placed.data.id, {}, session);
if (refused.status !== 409 || refused.data.current_status !== 'cancelled') {
  throw new Error(`Not the problem that was expected: ${refused.status}`);
}
process.stdout.write(JSON.stringify(cancelled.data));
