import { Order } from '../../../src/orders/order.entity';
import { type ApiClient, expectProblem } from '../../../test/support/api-client';
import { TestApp } from '../../../test/support/test-app';
import { CreateRefunds1795600000000 } from '../migrations/1795600000000-CreateRefunds';
import { Refund } from '../refund.entity';
import { REFUND_PROBLEMS } from '../refunds.errors';
import { RefundsModule } from '../refunds.module';

const REFUND = { iban: 'DE02120300000000202051' };

describe('POST /orders/:id/refund', () => {
  const app = TestApp.forSuite(
    {},
    {
      modules: [RefundsModule],
      migrations: [CreateRefunds1795600000000],
      problems: REFUND_PROBLEMS,
    },
  );
  let owner: ApiClient;

  beforeAll(async () => {
    owner = await app.api.signUp();
  });

  const place = async () => (await owner.placeOrder()).id;
  const refund = (id: number) => owner.post(`/orders/${id}/refund`, REFUND);
  const refunds = (orderId: number) => app.dataSource.getRepository(Refund).countBy({ orderId });

  it('cancels the order and records the refund', async () => {
    const id = await place();
    const { body } = await refund(id).expect(201);
    expect(body).toMatchObject({ order_id: id, ...REFUND });
    expect(await owner.order(id)).toMatchObject({ status: 'cancelled', cancel_reason: 'Refunded' });
    const last = (await owner.history(id)).at(-1);
    expect(last).toMatchObject({ from: 'pending', to: 'cancelled', reason: 'Refunded' });
    expect(await refunds(id)).toBe(1);
  });

  it('rejects an order that is not pending', async () => {
    const id = await place();
    await owner.patch(`/orders/${id}/cancel`).expect(200);
    expectProblem(await refund(id), 409, 'order_not_refundable');
    expect(await refunds(id)).toBe(0);
  });

  it('leaves the order pending when the refund cannot be recorded', async () => {
    const id = await place();
    await app.dataSource.getRepository(Refund).insert({
      orderId: id,
      ...REFUND,
      requestedAt: new Date(),
    });
    expectProblem(await refund(id), 500, 'internal_error');
    const order = await app.dataSource.getRepository(Order).findOneByOrFail({ id });
    expect(order).toMatchObject({ status: 'pending', version: 1 });
  });

  it('returns the first response to each repetition with the same idempotency key', async () => {
    const id = await place();
    const send = () => refund(id).set('Idempotency-Key', 'refund-1');
    const responses = await Promise.all([send(), send(), send()]);
    const [first] = responses;
    expect(responses.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(responses.map(({ body }): unknown => body)).toEqual([
      first?.body,
      first?.body,
      first?.body,
    ]);
    const replayed = responses.filter(({ headers }) => headers['idempotent-replayed'] === 'true');
    expect(replayed).toHaveLength(2);
    expect(await refunds(id)).toBe(1);
  });

  it('requires no migration besides its own', async () => {
    const { upQueries } = await app.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });
});
