import { OrderClaims } from '../src/jobs/order-claims';
import { OrderLease } from '../src/jobs/order-lease.entity';
import { OrderLeases } from '../src/jobs/order-leases';
import type { AdminOrderResponse } from '../src/orders/admin-order.dto';
import { Order } from '../src/orders/order.entity';
import type { SignedUp } from './support/api-client';
import { asAdminSees } from './support/as-admin-sees';
import { expireLeases, reclaimAll } from './support/due';
import { completeClaim, failClaim, postponeClaim } from './support/end-claim';
import { PreviousRelease } from './support/previous-release';
import { TestApp } from './support/test-app';

describe('when an order is due, and when its lease expires', () => {
  const app = TestApp.forEachTest({ PROCESSING_ENABLED: 'false' });
  let user: SignedUp;
  let admin: SignedUp;

  beforeEach(async () => {
    user = await app.api.signUp();
    admin = await app.signUpAdmin();
  });

  const detail = async (id: number) =>
    (await admin.get(`/admin/orders/${id}`).expect(200)).body as AdminOrderResponse;

  /** What an admin sees in the order, and in the lists that have it. */
  const asAdmin = async (id: number): Promise<AdminOrderResponse> => {
    const order = await detail(id);
    for (const query of ['', `?user_id=${user.userId}`, `?status=${order.status}`]) {
      const { body } = await admin.get(`/admin/orders${query}`).expect(200);
      const listed = (body.data as AdminOrderResponse[]).find((one) => one.id === id);
      expect(listed).toEqual(order);
    }
    const { lease_expires_at: _, ...seenByOwner } = order;
    expect(await user.order(id)).toEqual(seenByOwner);
    const { body } = await user.get('/orders').expect(200);
    expect(body.data).toContainEqual(seenByOwner);
    return order;
  };

  const claim = async () => (await app.nest.get(OrderClaims).claim(1))[0]!;
  const expiryOf = async (token: string) =>
    (
      await app.dataSource.getRepository(OrderLease).findOneByOrFail({ token })
    ).expiresAt.toISOString();

  it('are shown through the life of an order, to its owner without the lease', async () => {
    const placed = await user.placeOrder();
    expect(placed.next_attempt_at).toBe(placed.created_at);
    expect(placed).not.toHaveProperty('lease_expires_at');
    const { id } = placed;
    expect(await asAdmin(id)).toEqual(asAdminSees(placed));

    const first = await claim();
    expect(await asAdmin(id)).toMatchObject({
      status: 'processing',
      next_attempt_at: null,
      lease_expires_at: await expiryOf(first.lease.token),
    });
    await postponeClaim(app, first, 'Not now', 600);
    const postponed = await asAdmin(id);
    expect(postponed.lease_expires_at).toBeNull();
    const delay = Date.parse(postponed.next_attempt_at!) - Date.parse(postponed.updated_at);
    expect(Math.abs(delay - 600_000)).toBeLessThan(5_000);

    await app.dataSource
      .getRepository(Order)
      .update({ id }, { nextAttemptAt: new Date('2020-01-01T00:00:00.000Z') });
    expect(await asAdmin(id)).toMatchObject({ next_attempt_at: '2020-01-01T00:00:00.000Z' });
    await failClaim(app, await claim(), 'Hopeless');
    expect(await asAdmin(id)).toMatchObject({
      status: 'failed',
      next_attempt_at: null,
      lease_expires_at: null,
    });
    const retried = await admin.post(`/admin/orders/${id}/retry`).expect(202);
    expect(retried.body).toEqual(await asAdmin(id));
    expect(retried.body.next_attempt_at).toBe(retried.body.updated_at);

    await completeClaim(app, await claim());
    expect(await asAdmin(id)).toMatchObject({ next_attempt_at: null, lease_expires_at: null });
  });

  it('change with each renewal of the lease, and with them the entity tag for admins', async () => {
    const { id } = await user.placeOrder();
    const { lease } = await claim();
    const read = () => admin.get(`/admin/orders/${id}`);
    const first = await read().expect(200);
    const etag = first.headers['etag']!;
    expect((await read().set('If-None-Match', etag)).status).toBe(304);

    await app.dataSource
      .getRepository(OrderLease)
      .update({ token: lease.token }, { expiresAt: new Date(Date.now() + 5_000) });
    await app.nest.get(OrderLeases).renew([lease]);
    const second = await read().set('If-None-Match', etag).expect(200);
    expect(second.headers['etag']).not.toBe(etag);
    expect(second.body.lease_expires_at).toBe(await expiryOf(lease.token));
    const ofOwner = await user.get(`/orders/${id}`).expect(200);
    expect(ofOwner.headers['etag']).toBe('"2-1"');
  });

  it('show an expired lease until the order is reclaimed, and not the leases of others', async () => {
    const [first, second] = [await user.placeOrder(), await user.placeOrder()];
    const claimed = await claim();
    await expireLeases(app);
    expect(await asAdmin(claimed.id)).toMatchObject({
      status: 'processing',
      lease_expires_at: '2020-01-01T00:00:00.000Z',
    });
    const other = claimed.id === first.id ? second.id : first.id;
    expect((await asAdmin(other)).lease_expires_at).toBeNull();

    await reclaimAll(app);
    // A lease can remain after its orders.
    await app.dataSource.getRepository(OrderLease).insert({
      token: 'left over',
      expiresAt: new Date(),
      begunAt: null,
    });
    expect(await asAdmin(claimed.id)).toMatchObject({ status: 'pending', lease_expires_at: null });
  });

  it('show the leases of instances of the previous release', async () => {
    const { id } = await user.placeOrder();
    await new PreviousRelease(app.dataSource).claim(1);
    const { leaseExpiresAt } = await app.dataSource.getRepository(Order).findOneByOrFail({ id });
    expect(await asAdmin(id)).toMatchObject({
      status: 'processing',
      lease_expires_at: leaseExpiresAt!.toISOString(),
    });
  });
});
