import { ONLY_THIS, ORDER, type Work, bearer, numbers, request } from './works';

/** So few that each has a page of 20 orders in the smallest table. */
export const OWNERS = 50;

/** Requests to a table with so many completed orders, which belong to the owners in turn. */
export function growthWorks(orders: number): Work[] {
  const ofOrders = (path: (id: number) => string): Work['items'] => {
    return ({ tokens }) =>
      numbers(4_096).map((n) => {
        const id = ((n * 7_919) % orders) + 1;
        return request('GET', path(id), bearer(tokens, ((id - 1) % OWNERS) + 1));
      });
  };
  return [
    work(
      'one order',
      ofOrders((id) => `/orders/${id}`),
    ),
    work(
      'history',
      ofOrders((id) => `/orders/${id}/history`),
    ),
    work('list of 20', ofOwners('GET', '/orders')),
    work('list of a status that no order has', ofOwners('GET', '/orders?status=failed')),
    work('place', ofOwners('POST', '/orders', ORDER)),
  ];
}

function ofOwners(method: string, path: string, body?: string): Work['items'] {
  return ({ tokens }) =>
    numbers(OWNERS).map((n) => request(method, path, bearer(tokens, n + 1), body));
}

function work(name: string, items: Work['items']): Work {
  return { name, contenders: ONLY_THIS, script: 'cycle', items };
}
