import { AbandonedOrders } from '../src/jobs/abandoned-orders';
import type { ClaimedOrder } from '../src/jobs/claimed-order';
import { failed } from '../src/jobs/fulfilment-step';
import { OrderClaims } from '../src/jobs/order-claims';
import { OrderLeases } from '../src/jobs/order-leases';
import { Order } from '../src/orders/order.entity';
import type { SignedUp } from './support/api-client';
import { expireLeases, reclaimAll } from './support/due';
import { releaseClaim } from './support/end-claim';
import { TestApp } from './support/test-app';

const MAX_ATTEMPTS = 2;

describe('an order whose attempt did not end', () => {
  const app = TestApp.forSuite({ PROCESSING_MAX_ATTEMPTS: String(MAX_ATTEMPTS) });
  let admin: SignedUp;
  let claims: OrderClaims;

  beforeAll(async () => {
    admin = await app.signUpAdmin();
    claims = app.nest.get(OrderClaims);
  });

  afterEach(async () => {
    app.fulfilment.script = () => Promise.resolve();
    for (const table of ['order_history', 'orders', 'order_leases']) {
      await app.dataSource.query(`DELETE FROM ${table}`);
    }
  });

  const row = (id: number) => app.dataSource.getRepository(Order).findOneByOrFail({ id });
  const begin = (orders: readonly ClaimedOrder[]) =>
    app.nest.get(OrderLeases).begin(orders.map(({ lease }) => lease));
  /** As if a process had died during an attempt that it began with a claim by turn. */
  const crash = async () => {
    await begin(await claims.claim(1));
    await reclaimAll(app);
  };

  it.each([
    ['reclaimed', () => reclaimAll(app)],
    ['released', (order: ClaimedOrder) => releaseClaim(app, order, 'A shutdown')],
  ])('keeps its turn when it is %s before the attempt has begun', async (_, end) => {
    const { id } = await admin.placeOrder();
    const next = await admin.placeOrder();
    const { turn } = await row(id);
    expect(turn).not.toBeNull();
    const [claimed] = await claims.claim(1);
    await end(claimed!);
    expect(await row(id)).toMatchObject({ status: 'pending', turn, runsAlone: false, attempts: 0 });
    expect((await claims.claim(2)).map((order) => order.id)).toEqual([id, next.id]);
  });

  it('needs no turn when the attempt had begun, because it runs alone', async () => {
    const { id } = await admin.placeOrder();
    await crash();
    expect(await row(id)).toMatchObject({ turn: null, runsAlone: true, attempts: 1 });
    expect(await claims.claim(10)).toEqual([]);
    expect((await row(id)).turn).toBeNull();
    expect(await claims.claimAlone()).toMatchObject([{ id }]);
  });

  it('is logged with the attempts that it had, and whether the last one had begun', async () => {
    const begun = await admin.placeOrder();
    await begin(await claims.claim(1));
    const claimed = await admin.placeOrder();
    await claims.claim(1);
    await expireLeases(app);
    expect(await app.nest.get(AbandonedOrders).reclaim()).toBe(2);
    const lineOf = ({ id }: { id: number }) =>
      app.logLines.filter(
        (line) => line['order_id'] === id && String(line['msg']).startsWith('Reclaimed an order'),
      );
    expect(lineOf(begun)).toMatchObject([{ attempts: 1, had_begun: true }]);
    expect(lineOf(claimed)).toMatchObject([{ attempts: 1, had_begun: false }]);
  });

  const failByCrash = async () => {
    await begin(await claims.claimAlone());
    await reclaimAll(app);
  };
  const failByStep = async () => {
    app.fulfilment.script = () => Promise.resolve(failed('No such product'));
    await app.processor.runOnce();
  };

  it.each([
    ['a crash of its last attempt', failByCrash],
    ['its step', failByStep],
  ])('runs alone after %s has failed it and an admin has retried it', async (_, fail) => {
    const { id } = await admin.placeOrder();
    await crash();
    await fail();
    expect(await row(id)).toMatchObject({ status: 'failed', attempts: MAX_ATTEMPTS });
    await admin.post(`/admin/orders/${id}/retry`).expect(202);
    expect(await row(id)).toMatchObject({ status: 'pending', attempts: 0, runsAlone: true });
    expect(await claims.claim(10)).toEqual([]);
    expect(await claims.claimAlone()).toMatchObject([{ id, attempts: 1 }]);
  });

  it('runs beside others after a retry when it had not crashed', async () => {
    const { id } = await admin.placeOrder();
    app.fulfilment.script = () => Promise.resolve(failed('No such product'));
    await app.processor.runOnce();
    await admin.post(`/admin/orders/${id}/retry`).expect(202);
    expect(await claims.claim(10)).toMatchObject([{ id, attempts: 1, runsAlone: false }]);
  });
});
