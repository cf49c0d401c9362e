import { client } from './generated/client.gen.js';
import { cancelOrder, listOrders, login, placeOrder, register } from './generated/sdk.gen.js';

const baseUrl = process.argv[2] ?? '';
const account = { email: `${crypto.randomUUID()}@example.com`, password: 'secure123' };
client.setConfig({ baseUrl });

await register({ body: { name: 'John', ...account }, throwOnError: true });
const { data: tokens } = await login({ body: account, throwOnError: true });
client.setConfig({ baseUrl, auth: tokens.access_token });

const { data: placed } = await placeOrder({
  body: { product_name: 'Laptop', amount: 999.99 },
  headers: { 'Idempotency-Key': crypto.randomUUID() },
  throwOnError: true,
});
const { data: page } = await listOrders({
  query: { status: ['pending', 'failed'], limit: 10 },
  throwOnError: true,
});
if (page.data.length !== 1) throw new Error('The list does not have the order');
const { data: cancelled } = await cancelOrder({
  path: { id: placed.id },
  body: { reason: 'Ordered twice' },
  throwOnError: true,
});

const { error } = await cancelOrder({ path: { id: placed.id } });
if (error?.code !== 'order_not_cancellable' || error.current_status !== 'cancelled') {
  throw new Error(`Unexpected problem: ${error?.code}`);
}
process.stdout.write(JSON.stringify(cancelled));
