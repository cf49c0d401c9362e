import { setTimeout as delay } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { EndpointClaims } from '../src/webhooks/delivery/endpoint-claims';
import { MIN_TURN_MS } from '../src/webhooks/delivery/running-turns';
import { ProgressWriter } from '../src/webhooks/delivery/progress-writer';
import { WebhookWorker } from '../src/webhooks/delivery/webhook-worker';
import type { DeliveryResponse } from '../src/webhooks/delivery.dto';
import { EndpointDisabling } from '../src/webhooks/endpoints/endpoint-disabling';
import type { WebhookResponse, WebhookWithSecretResponse } from '../src/webhooks/webhook.dto';
import type { SignedUp } from './support/api-client';
import { makeWebhooksDue } from './support/due';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';
import { WebhookReceiver, isSignedWith } from './support/webhook-receiver';

const HOUR_MS = 3_600_000;

describe('Turns of webhooks', () => {
  const app = TestApp.forEachTest({ WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' });
  let receiver: WebhookReceiver;
  let user: SignedUp;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    user = await app.api.signUp();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await receiver.stop();
  });

  const create = async (fields: object = {}, client = user, path = '/webhooks') => {
    const response = await client.post(path, { url: receiver.url, ...fields }).expect(201);
    return response.body as WebhookWithSecretResponse;
  };

  const get = async (id: number, client = user) =>
    (await client.get(`/webhooks/${id}`).expect(200)).body as WebhookResponse;

  const deliveries = async (id: number, client = user) =>
    (await client.get(`/webhooks/${id}/deliveries`).expect(200)).body.data as DeliveryResponse[];

  const deliveryOf = async (id: number, order: number, sequence: number) =>
    (await deliveries(id)).find(({ event_id }) => event_id === `evt_${order}_${sequence}`);

  const untilStatus = (id: number, order: number, sequence: number, status: string) =>
    app.periodicWork.until(async () => (await deliveryOf(id, order, sequence))?.status === status);

  const steps = async (count = 5) => {
    for (let n = 0; n < count; n++) await app.periodicWork.step();
  };

  const idle = () => app.nest.get(WebhookWorker).idle();

  const query = <Row>(sql: string) => app.dataSource.query<Row[]>(sql);

  const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

  /** An order with three events, of which the first one has failed. */
  const createFailing = async () => {
    const { id } = await create();
    receiver.reply = ({ event }, response) =>
      void response.writeHead(event.data.sequence === 1 ? 500 : 200).end();
    const { id: order } = await user.placeOrder();
    await app.processor.runOnce();
    await untilStatus(id, order, 1, 'retrying');
    await untilStatus(id, order, 3, 'waiting');
    await idle();
    receiver.clear();
    return { id, order };
  };

  describe('a replay while requests have no response yet', () => {
    it('aborts them, and stores what is sent afterwards, also to other webhooks', async () => {
      receiver.hold();
      const { id } = await create();
      const { id: order } = await user.placeOrder();
      await app.periodicWork.until(() => receiver.held.length === 1);
      const [first] = receiver.held;
      await user.post(`/webhooks/${id}/replay`, { after: 0 }).expect(202);
      await app.periodicWork.until(() => receiver.held.length === 2);
      await waitUntil(() => first!.destroyed);

      const other = await app.api.signUp();
      const ofOther = await create({}, other);
      const { id: orderOfOther } = await other.placeOrder();
      await app.periodicWork.until(() => receiver.held.length === 3);
      receiver.release();
      await untilStatus(id, order, 1, 'delivered');
      await app.periodicWork.until(async () => (await deliveries(ofOther.id, other)).length === 1);
      expect(receiver.sequencesOf(orderOfOther)).toEqual([1]);
      expect(receiver.sequencesOf(order)).toEqual([1, 1]);
    });

    it('what cannot be stored of one webhook is stored of the others', async () => {
      const writer = app.nest.get(ProgressWriter);
      const write = writer.write.bind(writer);
      const { id } = await create();
      const other = await app.api.signUp();
      const ofOther = await create({}, other);
      jest.spyOn(writer, 'write').mockImplementation((all) => {
        const isBroken = all.some(({ endpointId }) => endpointId === id);
        return isBroken ? Promise.reject(new Error('a constraint')) : write(all);
      });
      receiver.hold();
      await user.placeOrder();
      await other.placeOrder();
      await app.periodicWork.until(() => receiver.held.length === 2);
      receiver.release();
      await app.periodicWork.until(async () => (await deliveries(ofOther.id, other)).length === 1);
      expect(await deliveries(id)).toEqual([]);
      await idle();
    });
  });

  describe('events of one order', () => {
    it('wait for the retry of an earlier one when one before it is sent again', async () => {
      const { id, order } = await createFailing();
      receiver.reply = ({ event }, response) =>
        void response.writeHead(event.data.sequence === 2 ? 500 : 200).end();
      await makeWebhooksDue(app.dataSource);
      await untilStatus(id, order, 1, 'delivered');
      await untilStatus(id, order, 2, 'retrying');
      await idle();
      await query(
        `UPDATE webhook_deliveries SET next_attempt_at = '${inHours(2)}'
         WHERE next_attempt_at IS NOT NULL`,
      );
      receiver.clear();
      receiver.respond(200);
      await user.post(`/webhooks/${id}/deliveries/evt_${order}_1/redeliver`).expect(202);
      await untilStatus(id, order, 1, 'delivered');
      await app.periodicWork.until(() => receiver.received.length > 0);
      await idle();
      await steps();
      await idle();
      expect(receiver.sequencesOf(order)).toEqual([1]);
      await makeWebhooksDue(app.dataSource, 'sequence = 2');
      await untilStatus(id, order, 3, 'delivered');
      expect(receiver.sequencesOf(order)).toEqual([1, 2, 3]);
    });

    it('wait for the last one that has failed when an earlier one succeeds at the same time', async () => {
      const { id, order } = await createFailing();
      receiver.reply = ({ event }, response) =>
        void response.writeHead(event.data.sequence === 2 ? 500 : 200).end();
      await query(`UPDATE webhook_deliveries SET retries_left = 8 WHERE sequence = 2`);
      await makeWebhooksDue(app.dataSource);
      await untilStatus(id, order, 2, 'retrying');
      await idle();
      const [second, third] = [await deliveryOf(id, order, 2), await deliveryOf(id, order, 3)];
      expect(third!.status).toBe('waiting');
      const waitsMs = Date.parse(third!.next_attempt_at!) - Date.parse(second!.next_attempt_at!);
      expect(waitsMs).toBeGreaterThanOrEqual(0);
      expect(waitsMs).toBeLessThan(1_000);
      expect(receiver.sequencesOf(order)).toEqual([1, 2]);
    });
  });

  describe('a change while requests have no response yet', () => {
    it('enabling a webhook is not undone by their failures', async () => {
      const { id } = await create();
      receiver.hold();
      await user.placeOrders(2);
      await app.periodicWork.until(() => receiver.held.length === 2);
      await user.patch(`/webhooks/${id}`, { status: 'enabled' }).expect(200);
      receiver.release(503, { 'Retry-After': '600' });
      await idle();
      expect(await get(id)).toMatchObject({ consecutive_failures: 0, failing_since: null });
      receiver.respond(200);
      const { id: order } = await user.placeOrder();
      await untilStatus(id, order, 1, 'delivered');
    });

    it('sending an event again is not postponed by their failures', async () => {
      const { id } = await create();
      const { id: order } = await user.placeOrder();
      await untilStatus(id, order, 1, 'delivered');
      await idle();
      receiver.hold();
      await user.placeOrder();
      await app.periodicWork.until(() => receiver.held.length === 1);
      await user.post(`/webhooks/${id}/deliveries/evt_${order}_1/redeliver`).expect(202);
      receiver.release(503, { 'Retry-After': '600' });
      receiver.respond(200);
      await app.periodicWork.until(() => receiver.sequencesOf(order).length === 2);
    });

    it('a new secret signs each request that begins afterwards', async () => {
      const { id } = await create();
      receiver.hold();
      await user.placeOrders(8);
      await app.periodicWork.until(() => receiver.held.length === 4);
      const { body } = await user.post(`/webhooks/${id}/secret`).expect(200);
      receiver.respond(200);
      receiver.release();
      await app.periodicWork.until(() => receiver.received.length === 8);
      const later = receiver.received.slice(4);
      expect(later.every((webhook) => isSignedWith(body.secret, webhook))).toBe(true);
    });

    it('losing the role of an admin begins no further request', async () => {
      const admin = await app.signUpAdmin();
      await create({}, admin, '/admin/webhooks');
      receiver.hold();
      await user.placeOrders(8);
      await app.periodicWork.until(() => receiver.held.length === 4);
      await query(`UPDATE users SET role = 'customer' WHERE id = ${admin.userId}`);
      await app.periodicWork.step();
      receiver.respond(200);
      receiver.release();
      await idle();
      await steps();
      expect(receiver.received).toHaveLength(4);
    });

    it('on another instance begins no further request either', async () => {
      await create();
      receiver.hold();
      await user.placeOrders(8);
      await app.periodicWork.until(() => receiver.held.length === 4);
      await query(`UPDATE webhook_endpoints SET status = 'paused', revision = revision + 1`);
      const read = jest.spyOn(app.nest.get(ProgressWriter), 'read');
      await waitUntil(() => read.mock.calls.length >= 2);
      await Promise.all(read.mock.results.map(({ value }) => value as Promise<unknown>));
      receiver.respond(200);
      receiver.release();
      await idle();
      await steps();
      expect(receiver.received).toHaveLength(4);
    });
  });

  describe('slow receivers', () => {
    it('of a few users do not delay others', async () => {
      const fast = await WebhookReceiver.start();
      try {
        receiver.hold();
        for (let n = 0; n < 12; n++) {
          const slow = await app.api.signUp();
          for (let webhook = 0; webhook < 5; webhook++) await create({}, slow);
          await slow.placeOrder();
        }
        await app.periodicWork.until(() => receiver.held.length >= 24);
        await create({ url: fast.url });
        const { id: order } = await user.placeOrder();
        await app.periodicWork.until(() => fast.ids.includes(`evt_${order}_1`));
        expect(receiver.held).toHaveLength(24);
      } finally {
        await fast.stop();
      }
    }, 180_000);

    it('of many users let others have a turn after the requests that are running', async () => {
      const fast = await WebhookReceiver.start();
      try {
        const rounds = new Map<string, number>();
        const open: { readonly round: number; readonly response: ServerResponse }[] = [];
        receiver.reply = ({ path }, response) => {
          const round = (rounds.get(path) ?? 0) + 1;
          rounds.set(path, round);
          open.push({ round, response });
        };
        for (let n = 0; n < 60; n++) {
          const slow = await app.api.signUp();
          await create({ url: `${receiver.url}${n}` }, slow);
          await slow.placeOrders(6);
        }
        await app.periodicWork.until(() => open.length === 50 * 4);
        await create({ url: fast.url });
        const { id: order } = await user.placeOrder();
        const oldEnoughAt = performance.now() + MIN_TURN_MS;
        const findDue = jest.spyOn(app.nest.get(EndpointClaims), 'findDue');
        await app.periodicWork.until(() => performance.now() > oldEnoughAt);
        findDue.mockClear();
        await app.periodicWork.until(() => findDue.mock.calls.length > 1); // one of them has let turns end
        let ended = 0;
        await app.periodicWork.until(() => {
          // Each request takes long, but ends, the first one of each webhook first.
          open.sort((a, b) => a.round - b.round);
          for (const { response } of open.splice(0, 4)) response.writeHead(200).end();
          ended += 4;
          return fast.ids.includes(`evt_${order}_1`);
        });
        expect(ended).toBeLessThan(50 * 5); // with all their requests, the turns would end later
      } finally {
        await fast.stop();
      }
    }, 180_000);
  });

  describe('a probe', () => {
    const FIVE_FAILURES = 'UPDATE webhook_endpoints SET failures = 5, not_before = NULL';

    it('spends no retry that is not due yet', async () => {
      const { id } = await create();
      receiver.respond(500);
      const { id: order } = await user.placeOrder();
      await untilStatus(id, order, 1, 'retrying');
      await idle();
      const due = inHours(2);
      await query(`UPDATE webhook_deliveries SET next_attempt_at = '${due}', retries_left = 1`);
      await query(FIVE_FAILURES);
      // The probe begins when there is something to send, such as an event that waits for it.
      await user.patch(`/orders/${order}/cancel`).expect(200);
      await app.periodicWork.until(() => receiver.received.length === 2);
      await idle();
      expect(await deliveryOf(id, order, 1)).toMatchObject({
        status: 'retrying',
        attempts: 2,
        next_attempt_at: due,
      });
      expect(await query('SELECT retries_left FROM webhook_deliveries')).toEqual([
        { retries_left: 1 },
      ]);
    });

    it('sends what its owner wants to be sent again before new events', async () => {
      const { id } = await create();
      const { id: order } = await user.placeOrder();
      await untilStatus(id, order, 1, 'delivered');
      await idle();
      await user.patch(`/webhooks/${id}`, { status: 'paused' }).expect(200);
      await user.placeOrders(3);
      await app.periodicWork.step();
      await idle(); // a claim that is wanted already could come before the request below
      receiver.clear();
      receiver.respond(500);
      await query(`${FIVE_FAILURES}, status = 'enabled'`);
      await user.post(`/webhooks/${id}/deliveries/evt_${order}_1/redeliver`).expect(202);
      await app.periodicWork.until(() => receiver.received.length > 0);
      expect(receiver.ids[0]).toBe(`evt_${order}_1`);
    });
  });

  describe('a shutdown', () => {
    it('waits for the webhooks that are being claimed, and ends their leases', async () => {
      await create();
      await idle();
      const claims = app.nest.get(EndpointClaims);
      const claim = claims.claim.bind(claims);
      let goOn!: () => void;
      const isBlocked = new Promise<void>((resolve) => (goOn = resolve));
      const spy = jest.spyOn(claims, 'claim').mockImplementation(async (ids) => {
        const claimed = await claim(ids);
        await isBlocked;
        return claimed;
      });
      await user.placeOrder();
      const stepping = app.periodicWork.step().then(() => app.periodicWork.step());
      await waitUntil(() => spy.mock.calls.length > 0);
      const worker = app.nest.get(WebhookWorker);
      worker.onModuleDestroy();
      let hasEnded = false;
      const end = worker.beforeApplicationShutdown().then(() => (hasEnded = true));
      await new Promise((resolve) => setImmediate(resolve));
      expect(hasEnded).toBe(false);
      goOn();
      await end;
      await stepping;
      expect(await query('SELECT lease_expires_at FROM webhook_endpoints')).toEqual([
        { lease_expires_at: null },
      ]);
    });
  });

  it('a webhook whose turn cannot begin does not delay others', async () => {
    const broken = await create();
    const other = await app.api.signUp();
    await create({}, other);
    await idle();
    await query(`UPDATE webhook_endpoints SET secret = 'x' WHERE id = ${broken.id}`);
    jest
      .spyOn(app.nest.get(EndpointDisabling), 'disableUnreadable')
      .mockRejectedValue(new Error('the database is down'));
    await user.placeOrder();
    const { id: order } = await other.placeOrder();
    await app.periodicWork.until(() => receiver.ids.includes(`evt_${order}_1`));
  });

  it('sends an event of a type that is not wanted when its owner asks for it, also ahead', async () => {
    const { id } = await create({ event_types: ['order.completed'] });
    await user.patch(`/webhooks/${id}`, { status: 'paused' }).expect(200);
    const { id: order } = await user.placeOrder();
    await app.periodicWork.step();
    await query(`UPDATE webhook_endpoints SET status = 'enabled'`);
    const { body } = await user
      .post(`/webhooks/${id}/deliveries/evt_${order}_1/redeliver`)
      .expect(202);
    expect(body).toMatchObject({ status: 'retrying' });
    await untilStatus(id, order, 1, 'delivered');
    expect(receiver.sequencesOf(order)).toEqual([1]);
  });

  it('logs and shows events that the retention has deleted before they were sent', async () => {
    const { id } = await create();
    expect((await get(id)).missed_through).toBeNull();
    await user.patch(`/webhooks/${id}`, { status: 'paused' }).expect(200);
    const [deleted] = await user.placeOrders(2);
    await app.periodicWork.step();
    const [row] = await query<{ position: number }>(
      `SELECT position FROM order_history WHERE order_id = ${deleted}`,
    );
    const { position } = row!;
    await query(`DELETE FROM order_history WHERE order_id = ${deleted}`);
    await query(`DELETE FROM orders WHERE id = ${deleted}`);
    await query(
      `INSERT INTO deleted_events (user_id, position) VALUES (${user.userId}, ${position})`,
    );
    await user.patch(`/webhooks/${id}`, { status: 'enabled' }).expect(200);
    await app.periodicWork.until(() => receiver.received.length === 1);
    await app.periodicWork.until(async () => (await get(id)).missed_through === position);
    expect(app.logLines).toContainEqual(
      expect.objectContaining({
        msg: 'Events were deleted before they were sent to a webhook',
        webhook_id: id,
        missed_through: position,
      }),
    );
  });

  it('has the time of the database in each request, also when the clock of the instance is wrong', async () => {
    const { id } = await create();
    const now = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => now() - 10 * 60_000);
    await user.placeOrder();
    await app.periodicWork.until(() => receiver.received.length === 1);
    await user.post(`/webhooks/${id}/test`).expect(200);
    for (const { headers } of receiver.received) {
      const ageMs = now() - Number(headers['webhook-timestamp']) * 1_000;
      expect(Math.abs(ageMs)).toBeLessThan(10_000);
    }
    expect(receiver.received).toHaveLength(2);
  });

  it('logs once that a webhook was disabled', async () => {
    const { id } = await create();
    receiver.hold();
    await user.placeOrders(4);
    await app.periodicWork.until(() => receiver.held.length === 4);
    receiver.held.shift()!.writeHead(410).end();
    await app.periodicWork.until(async () => (await get(id)).status === 'disabled');
    receiver.held.shift()!.writeHead(410).end();
    await app.periodicWork.until(async () => (await deliveries(id)).length === 2);
    receiver.release(410);
    await idle();
    const lines = app.logLines.filter(({ msg }) => msg === 'A webhook was disabled');
    expect(lines).toHaveLength(1);
  });

  it('leaves time to others when the log grows all the time, and writes nothing without need', async () => {
    await create();
    await idle();
    const claims = app.nest.get(EndpointClaims);
    const findDue = jest.spyOn(claims, 'findDue');
    const claim = jest.spyOn(claims, 'claim');
    const worker = app.nest.get(WebhookWorker);
    const searches: { readonly from: number; to: number }[] = [];
    findDue.mockImplementation(async (...args) => {
      const search = { from: performance.now(), to: Infinity };
      searches.push(search);
      await delay(20); // a slow database
      const found = await EndpointClaims.prototype.findDue.apply(claims, args);
      search.to = performance.now();
      return found;
    });
    await waitUntil(() => {
      worker.wake();
      return searches.length > 4;
    });
    searches.slice(1).forEach(({ from }, index) => {
      const before = searches[index]!;
      const searchMs = before.to - before.from;
      const pauseMs = Math.min(1_000, Math.max(searchMs, Math.min(50, 5 * searchMs)));
      expect(from - before.to).toBeGreaterThan(pauseMs * 0.95);
    });
    expect(claim).not.toHaveBeenCalled();
  });
});
