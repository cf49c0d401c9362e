import { Api, OrderStatus } from './generated.js';

const api = new Api<string>({
  baseUrl: process.argv[2] ?? '',
  securityWorker: (token) => (token ? { headers: { Authorization: `Bearer ${token}` } } : {}),
  baseApiParams: { secure: true },
});
const account = { email: `${crypto.randomUUID()}@example.com`, password: 'secure123' };

await api.auth.register({ name: 'John', ...account });
const { data: tokens } = await api.auth.login(account);
api.setSecurityData(tokens.access_token);

const { data: placed } = await api.orders.placeOrder({ product_name: 'Laptop', amount: 999.99 });
const { data: page } = await api.orders.listOrders({
  status: [OrderStatus.Pending, OrderStatus.Failed],
  limit: 10,
});
if (page.data.length !== 1) throw new Error('The list does not have the order');
const { data: cancelled } = await api.orders.cancelOrder(placed.id, { reason: 'Ordered twice' });

const { error } = await api.orders.cancelOrder(placed.id, {}).catch((response) => response);
if (error.code !== 'order_not_cancellable' || error.current_status !== 'cancelled') {
  throw new Error(`Unexpected problem: ${error.code}`);
}
process.stdout.write(JSON.stringify(cancelled));
