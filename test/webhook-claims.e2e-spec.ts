import { EventLog } from '../src/events/event-log';
import { EventNumbering } from '../src/events/event-numbering';
import { LogGrowth } from '../src/events/log-growth';
import { EndpointClaims } from '../src/webhooks/delivery/endpoint-claims';
import { WebhookWorker } from '../src/webhooks/delivery/webhook-worker';
import type { SignedUp } from './support/api-client';
import { insertPendingOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';
import { WebhookReceiver } from './support/webhook-receiver';

const EVENTS = 10_000;

/** On a log with many events of few users, whose webhooks have sent all of them. */
describe('the cost of a claim of webhooks', () => {
  const app = TestApp.forSuite({
    PROCESSING_ENABLED: 'false',
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
  });
  let owners: number[];

  beforeAll(async () => {
    const users = [await app.signUpAdmin(), await app.api.signUp()];
    owners = users.map(({ userId }) => userId);
    for (const owner of owners) await insertPendingOrders(app.dataSource, owner, EVENTS / 2);
    // As they are numbered.
    await app.dataSource.query(
      `UPDATE order_history SET position = order_id,
         user_id = (SELECT user_id FROM orders WHERE orders.id = order_id)`,
    );
    await app.dataSource.query(`UPDATE log_readers SET position = ${EVENTS} WHERE name = 'log'`);
    for (const user of users)
      await user.post('/webhooks', { url: 'http://127.0.0.1:9999' }).expect(201);
    await users[0]!.post('/admin/webhooks', { url: 'http://127.0.0.1:9999' }).expect(201);
    await app.dataSource.query(isPostgres() ? 'VACUUM ANALYZE order_history' : 'ANALYZE');
  }, 60_000);

  /** What the database does for the statements of a function. */
  async function plansOf(execute: () => Promise<unknown>): Promise<string[]> {
    const { manager } = app.dataSource;
    const query = jest.spyOn(manager, 'query');
    await execute();
    const statements = query.mock.calls;
    query.mockRestore();
    const explain = isPostgres() ? 'EXPLAIN' : 'EXPLAIN QUERY PLAN';
    const plans = statements.map(([sql, parameters]) =>
      manager.query<object[]>(`${explain} ${sql}`, parameters),
    );
    const rows = (await Promise.all(plans)).flat();
    return rows.flatMap((row) => Object.values(row).map(String));
  }

  /** A whole table, or a whole index. */
  const READS_ALL_EVENTS = /Seq Scan on order_history|^SCAN (?!\(|events)|MATERIALIZE event/;

  it.each([
    ['of all webhooks', undefined],
    ['of those of the owners of new events', 'owners'],
  ])('does not depend on the length of the log: a look %s', async (_, which) => {
    const claims = app.nest.get(EndpointClaims);
    const among = which === undefined ? undefined : owners;
    const plans = await plansOf(() => claims.findDue(50, new Map(), among));
    const ofLog = plans.filter((line) => /order_history|\bevent\b/.test(line));
    expect(ofLog.length).toBeGreaterThan(0);
    expect(ofLog.filter((line) => READS_ALL_EVENTS.test(line))).toEqual([]);
    expect(await claims.findDue(50, new Map(), among)).toEqual([]);
  });

  it('does not depend on the length of the log: finding the owners of new events', async () => {
    const log = app.nest.get(EventLog);
    const plans = await plansOf(() => log.ownersAfter(EVENTS - 10, 1_000));
    expect(plans.filter((line) => READS_ALL_EVENTS.test(line))).toEqual([]);
    expect(await log.ownersAfter(EVENTS - 10, 1_000)).toEqual([owners[1]]);
    expect((await log.ownersAfter(0, EVENTS)).toSorted((a, b) => a - b)).toEqual(owners);
  });
});

describe('a claim of webhooks', () => {
  const app = TestApp.forEachTest({ WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' });
  let receiver: WebhookReceiver;

  beforeEach(async () => (receiver = await WebhookReceiver.start()));
  afterEach(async () => {
    jest.restoreAllMocks();
    await receiver.stop();
  });

  const create = async (user: SignedUp, path = '/webhooks') => {
    const { body } = await user.post(path, { url: receiver.url }).expect(201);
    await app.nest.get(WebhookWorker).idle();
    return body.id as number;
  };

  /** As it is done after a commit, without the poll. */
  const numberEvents = async () => {
    const numbered = await app.nest.get(EventNumbering).number();
    if (numbered === 'busy') throw new Error('Nobody else numbers events');
    app.nest.get(LogGrowth).grownTo(numbered.latest);
  };

  it('looks at the webhooks of the owners of new events, and at those of admins', async () => {
    const [user, other, admin] = [
      await app.api.signUp(),
      await app.api.signUp(),
      await app.signUpAdmin(),
    ];
    const own = await create(user);
    await create(other);
    const ofAdmin = await create(admin, '/admin/webhooks');
    await app.periodicWork.step();
    const claims = app.nest.get(EndpointClaims);
    const findDue = jest.spyOn(claims, 'findDue');
    const claim = jest.spyOn(claims, 'claim');
    const { id } = await user.placeOrder();
    await numberEvents();
    await waitUntil(() => receiver.ids.filter((event) => event === `evt_${id}_1`).length === 2);
    await app.nest.get(WebhookWorker).idle();
    expect(claim.mock.calls.flatMap(([ids]) => ids)).toEqual(
      expect.arrayContaining([own, ofAdmin]),
    );
    for (const [, , owners] of findDue.mock.calls) {
      expect(owners).toBeDefined();
      expect([user.userId, admin.userId]).toEqual(expect.arrayContaining([...owners!]));
    }
  });

  it('looks at all webhooks again when places are free for those that wait', async () => {
    const findDue = jest.spyOn(app.nest.get(EndpointClaims), 'findDue');
    const held: (() => void)[] = [];
    receiver.reply = (_, response) => void held.push(() => response.end());
    const users: SignedUp[] = [];
    for (let n = 0; n < 55; n++) {
      const user = await app.api.signUp();
      await create(user);
      users.push(user);
    }
    for (const user of users) await user.placeOrder();
    await numberEvents();
    await waitUntil(() => held.length === 50);
    findDue.mockClear();
    receiver.reply = (_, response) => void response.end();
    for (const respond of held) respond();
    await waitUntil(() => new Set(receiver.ids).size === 55);
    expect(findDue.mock.calls.some(([, , owners]) => owners === undefined)).toBe(true);
  }, 60_000);

  it('leaves webhooks to other instances whose key it does not know', async () => {
    const user = await app.api.signUp();
    const id = await create(user);
    const keyId = async (value: string) => {
      const [row] = await app.dataSource.query<{ secret_key_id: string }[]>(
        'SELECT secret_key_id FROM webhook_endpoints',
      );
      await app.dataSource.query(`UPDATE webhook_endpoints SET secret_key_id = '${value}'`);
      return row!.secret_key_id;
    };
    const known = await keyId('another');
    await user.placeOrder();
    for (let n = 0; n < 3; n++) await app.periodicWork.step();
    await app.nest.get(WebhookWorker).idle();
    expect((await user.get(`/webhooks/${id}`).expect(200)).body.status).toBe('enabled');
    expect(receiver.received).toEqual([]);
    await keyId(known);
    await app.periodicWork.step();
    await waitUntil(() => receiver.received.length === 1);
  });
});
