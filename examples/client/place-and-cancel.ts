import { randomUUID } from 'node:crypto';
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

/** Registers a user, places an order, finds it in the list, and cancels it. */
export async function placeAndCancel(baseUrl: string): Promise<components['schemas']['Order']> {
  const api = createClient<paths>({ baseUrl });
  const account = { email: `${randomUUID()}@example.com`, password: 'secure123' };
  await api.POST('/auth/register', { body: { name: 'John', ...account } });
  const login = await api.POST('/auth/login', { body: account });
  if (!login.data) throw new Error(login.error.detail);
  const token = login.data.access_token;
  api.use({
    onRequest: ({ request }) => request.headers.set('Authorization', `Bearer ${token}`),
  });

  const placed = await api.POST('/orders', { body: { product_name: 'Laptop', amount: 999.99 } });
  if (!placed.data) throw new Error(placed.error.detail);
  const { id } = placed.data;
  const list = await api.GET('/orders', { params: { query: { limit: 10 } } });
  if (!list.data?.data.some((order) => order.id === id))
    throw new Error('The list does not contain the order');
  const cancelled = await api.PATCH('/orders/{id}/cancel', {
    params: { path: { id } },
    body: { reason: 'Ordered twice' },
  });
  if (!cancelled.data) throw new Error(cancelled.error.detail);
  return cancelled.data;
}
