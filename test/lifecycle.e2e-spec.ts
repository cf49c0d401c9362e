import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  nat,
  oneof,
  record,
} from 'fast-check';
import type { ClaimedOrder } from '../src/jobs/claimed-order';
import { AbandonedOrders } from '../src/jobs/abandoned-orders';
import { OrderClaims } from '../src/jobs/order-claims';
import { OrderLeases } from '../src/jobs/order-leases';
import type { OrderStatus } from '../src/orders/order-status';
import { Order } from '../src/orders/order.entity';
import { OrderAdministration } from '../src/orders/order-administration';
import { OrderCancellation } from '../src/orders/order-cancellation';
import { OrderPlacement } from '../src/orders/order-placement';
import { OrdersService } from '../src/orders/orders.service';
import { expireLeases, makePostponedOrdersDue } from './support/due';
import { completeClaim, failClaim, postponeClaim, releaseClaim } from './support/end-claim';
import { checkHistories } from './support/history-checker';
import { TestApp } from './support/test-app';

const MAX_ATTEMPTS = 3;

const ACTIONS_ON_ONE = [
  'cancel',
  'cancelByAdmin',
  'complete',
  'postpone',
  'fail',
  'release',
  'renew',
  'retry',
] as const;

type Action =
  | { kind: 'place' | 'claim' | 'begin' | 'crash' | 'expire' | 'reclaim' | 'wait' }
  | {
      kind: (typeof ACTIONS_ON_ONE)[number];
      pick: number;
    };

const pick = nat(1_000);
const action: Arbitrary<Action> = oneof(
  { weight: 4, arbitrary: constant<Action>({ kind: 'place' }) },
  { weight: 4, arbitrary: constant<Action>({ kind: 'claim' }) },
  { weight: 1, arbitrary: constantFrom<Action>({ kind: 'crash' }, { kind: 'expire' }) },
  { weight: 3, arbitrary: constantFrom<Action>({ kind: 'begin' }, { kind: 'reclaim' }) },
  { weight: 2, arbitrary: constant<Action>({ kind: 'wait' }) },
  {
    weight: 8,
    arbitrary: record({
      kind: constantFrom(...ACTIONS_ON_ONE),
      pick,
    }),
  },
);

/** Acknowledged outcomes, which must hold at the end. */
interface Promises {
  readonly placed: number[];
  readonly final: Map<number, OrderStatus>;
}

describe('the lifecycle of orders', () => {
  const app = TestApp.forSuite({ PROCESSING_MAX_ATTEMPTS: String(MAX_ATTEMPTS) });
  let orders: OrdersService;
  let claims: OrderClaims;
  let userId: number;

  beforeAll(async () => {
    orders = app.nest.get(OrdersService);
    claims = app.nest.get(OrderClaims);
    ({ userId } = await app.api.signUp());
  });

  /** Makes a counterexample independent of earlier runs. */
  async function forgetAllOrders(): Promise<void> {
    await app.dataSource.query('DELETE FROM order_history');
    await app.dataSource.query('DELETE FROM orders');
  }

  /** Performs one action; `claimed` are the orders of a worker that may crash. */
  async function act(chosen: Action, claimed: Set<ClaimedOrder>, made: Promises): Promise<void> {
    const held = [...claimed];
    const chooseFrom = <T>(choices: readonly T[]): T | undefined =>
      'pick' in chosen && choices.length > 0 ? choices[chosen.pick % choices.length] : undefined;
    const end = async (
      status: OrderStatus | null,
      work: (order: ClaimedOrder) => Promise<boolean>,
    ): Promise<void> => {
      const order = chooseFrom(held);
      if (!order) return;
      const isRecorded = await work(order);
      claimed.delete(order);
      if (isRecorded && status) made.final.set(order.id, status);
    };
    switch (chosen.kind) {
      case 'place': {
        const request = { product_name: 'Laptop', amount: 1 };
        const { body } = await app.nest.get(OrderPlacement).place(userId, request, undefined);
        made.placed.push(body.id);
        break;
      }
      case 'claim':
        for (const order of await claims.claim(3)) claimed.add(order);
        for (const order of await claims.claimAlone()) claimed.add(order);
        break;
      case 'begin':
        await app.nest.get(OrderLeases).begin(held.map(({ lease }) => lease));
        break;
      case 'reclaim':
        await app.nest.get(AbandonedOrders).reclaim();
        break;
      case 'crash':
        claimed.clear();
        break;
      case 'expire':
        await expireLeases(app);
        break;
      case 'wait':
        await makePostponedOrdersDue(app);
        break;
      case 'cancel': {
        const id = chooseFrom(made.placed);
        if (id === undefined) break;
        const order = await orders.get(id);
        await app.nest
          .get(OrderCancellation)
          .cancel(order, {})
          .then(
            () => made.final.set(id, 'cancelled'),
            () => undefined, // rejected
          );
        break;
      }
      case 'cancelByAdmin': {
        const id = chooseFrom(made.placed);
        if (id === undefined) break;
        await app.nest
          .get(OrderAdministration)
          .cancel(id, userId, {}, undefined)
          .then(
            () => made.final.set(id, 'cancelled'),
            () => undefined, // rejected
          );
        break;
      }
      case 'retry': {
        const id = chooseFrom(made.placed);
        if (id === undefined) break;
        await app.nest
          .get(OrderAdministration)
          .retry(id, userId, undefined)
          .catch(() => undefined); // rejected
        break;
      }
      case 'complete':
        return end('completed', (order) => completeClaim(app, order));
      case 'postpone':
        return end(null, (order) => postponeClaim(app, order, 'Not yet', 60));
      case 'fail':
        // An admin may retry the order before this resolves, so this is not a final status.
        return end(null, (order) => failClaim(app, order, 'Hopeless'));
      case 'release':
        return end(null, (order) => releaseClaim(app, order, 'Shut down'));
      case 'renew': {
        const order = chooseFrom(held);
        if (order) await app.nest.get(OrderLeases).renew([order.lease]);
        break;
      }
    }
  }

  it('keeps acknowledged outcomes with any concurrent actions', async () => {
    await assert(
      asyncProperty(
        array(array(action, { minLength: 1, maxLength: 6 }), { minLength: 5, maxLength: 20 }),
        async (rounds) => {
          await forgetAllOrders();
          const made: Promises = { placed: [], final: new Map() };
          const workers = [new Set<ClaimedOrder>(), new Set<ClaimedOrder>()];
          for (const round of rounds) {
            await Promise.all(
              round.map((chosen, n) => act(chosen, workers[n % workers.length]!, made)),
            );
          }
          await checkHistories(app.dataSource, made.placed);
          const repository = app.dataSource.getRepository(Order);
          for (const [id, status] of made.final) {
            expect({ id, status: (await orders.get(id)).status }).toEqual({ id, status });
          }
          for (const order of await repository.findBy({ userId })) {
            expect(order.attempts).toBeLessThanOrEqual(MAX_ATTEMPTS);
            expect(order.attempts).toBeGreaterThanOrEqual(0);
            expect(order.leaseToken !== null).toBe(order.status === 'processing');
            expect(order.nextAttemptAt !== null).toBe(order.status === 'pending');
            expect(order.failureReason !== null).toBe(order.status === 'failed');
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);
});
