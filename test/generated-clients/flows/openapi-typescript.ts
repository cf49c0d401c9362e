import createClient from 'openapi-fetch';
import type { paths } from './generated.js';

const api = createClient<paths>({ baseUrl: process.argv[2] ?? '' });
const account = { email: `${crypto.randomUUID()}@example.com`, password: 'secure123' };

await api.POST('/auth/register', { body: { name: 'John', ...account } });
const login = await api.POST('/auth/login', { body: account });
if (!login.data) throw new Error(login.error.detail);
const token = login.data.access_token;
api.use({ onRequest: ({ request }) => request.headers.set('Authorization', `Bearer ${token}`) });

const placed = await api.POST('/orders', {
  body: { product_name: 'Laptop', amount: 999.99 },
  params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
});
if (!placed.data) throw new Error(placed.error.detail);
const path = { id: placed.data.id };
const list = await api.GET('/orders', {
  params: { query: { status: ['pending', 'failed'], limit: 10 } },
});
if (list.data?.data.length !== 1) throw new Error('The list does not have the order');
const cancelled = await api.PATCH('/orders/{id}/cancel', {
  params: { path },
  body: { reason: 'Ordered twice' },
});
if (!cancelled.data) throw new Error(cancelled.error.detail);

const { error } = await api.PATCH('/orders/{id}/cancel', { params: { path } });
if (error?.code !== 'order_not_cancellable' || error.current_status !== 'cancelled') {
  throw new Error(`Unexpected problem: ${error?.code}`);
}
process.stdout.write(JSON.stringify(cancelled.data));
