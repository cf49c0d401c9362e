import { AddressResolver } from '../src/webhooks/sending/address-resolver';
import type { WebhookWithSecretResponse } from '../src/webhooks/webhook.dto';
import { type SignedUp, expectProblem } from './support/api-client';
import { HOSTILE_VALUES } from './support/hostile-inputs';
import { TestApp } from './support/test-app';
import { WebhookReceiver, isSignedWith } from './support/webhook-receiver';

const URL = 'https://example.com/hooks';

describe('Webhooks', () => {
  const app = TestApp.forSuite({ WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' });
  let user: SignedUp;
  let admin: SignedUp;

  beforeAll(async () => {
    admin = await app.signUpAdmin();
  });

  beforeEach(async () => {
    user = await app.api.signUp();
    // Suites need no network.
    jest
      .spyOn(app.nest.get(AddressResolver), 'resolve')
      .mockResolvedValue([{ address: '8.8.8.8', family: 4 }]);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await app.dataSource.query('DELETE FROM webhook_endpoints');
  });

  const create = async (client = user, path = '/webhooks', fields: object = {}) => {
    const response = await client.post(path, { url: URL, ...fields }).expect(201);
    return response.body as WebhookWithSecretResponse;
  };

  const ROUTES = [
    ['post', ''],
    ['get', ''],
    ['get', '/1'],
    ['patch', '/1'],
    ['delete', '/1'],
    ['post', '/1/secret'],
    ['post', '/1/test'],
    ['post', '/1/replay'],
    ['get', '/1/deliveries'],
    ['post', '/1/deliveries/evt_1_1/redeliver'],
  ] as const;

  const bodyOf = (method: string, path: string) =>
    path === '/1/replay'
      ? { after: 0 }
      : method === 'post' && path === ''
        ? { url: URL }
        : undefined;

  describe.each(ROUTES)('%s /webhooks%s', (method, path) => {
    it('requires authentication', async () => {
      for (const base of ['/webhooks', '/admin/webhooks']) {
        expectProblem(await app.api[method](`${base}${path}`), 401, 'unauthenticated');
      }
    });

    it('is forbidden to customers under /admin', async () => {
      const response = await user[method](`/admin/webhooks${path}`, bodyOf(method, path));
      expectProblem(response, 403, 'forbidden');
    });

    it('rejects a query that it does not declare', async () => {
      const response = await user[method](`/webhooks${path}?verbose=1`, bodyOf(method, path));
      expectProblem(response, 400, 'validation_failed');
    });
  });

  describe.each(ROUTES.filter(([, path]) => path.startsWith('/1')))(
    '%s /webhooks%s',
    (method, path) => {
      it('returns the same 404 for a missing webhook, one of another user, and one of an admin', async () => {
        const foreign = await create(await app.api.signUp());
        const ofAdmin = await create(admin, '/admin/webhooks');
        const bodies = [];
        for (const id of [foreign.id, ofAdmin.id, 4_294_967_296]) {
          const response = await user[method](
            `/webhooks${path.replace('/1', `/${id}`)}`,
            bodyOf(method, path),
          );
          expectProblem(response, 404, 'webhook_not_found');
          bodies.push(response.body.detail);
        }
        expect(new Set(bodies).size).toBe(1);
      });

      it('does not reach the webhooks of users under /admin', async () => {
        const { id } = await create();
        const response = await admin[method](
          `/admin/webhooks${path.replace('/1', `/${id}`)}`,
          bodyOf(method, path),
        );
        expectProblem(response, 404, 'webhook_not_found');
      });

      it.each(['abc', '1e3', '-1', '0', '9007199254740992', '%00'])(
        'rejects the id %s',
        async (id) => {
          const response = await user[method](
            `/webhooks${path.replace('/1', `/${id}`)}`,
            bodyOf(method, path),
          );
          expectProblem(response, 400, 'validation_failed');
        },
      );
    },
  );

  describe('POST /webhooks', () => {
    it('returns the webhook with its secret, which is not shown again', async () => {
      const webhook = await create(user, '/webhooks', {
        url: 'https://EXAMPLE.com/hooks#part',
        event_types: ['order.failed', 'order.completed'],
        description: 'Warehouse',
      });
      const { secret, ...rest } = webhook;
      expect(rest).toEqual({
        id: expect.any(Number),
        user_id: user.userId,
        url: URL,
        event_types: ['order.failed', 'order.completed'],
        description: 'Warehouse',
        status: 'enabled',
        disabled_reason: null,
        position: expect.any(Number),
        missed_through: null,
        consecutive_failures: 0,
        failing_since: null,
        last_success_at: null,
        previous_secret_expires_at: null,
        created_at: expect.any(String),
        updated_at: webhook.created_at,
      });
      expect(Buffer.from(secret.replace('whsec_', ''), 'base64')).toHaveLength(32);
      const shown = await user.get(`/webhooks/${webhook.id}`).expect(200);
      expect(shown.body).toEqual(rest);
      const listed = await user.get('/webhooks').expect(200);
      expect(listed.body).toEqual({ data: [rest], next_cursor: null });
    });

    it('stores no secret in plain text', async () => {
      const { secret } = await create();
      const bytes = Buffer.from(secret.replace('whsec_', ''), 'base64');
      const rows = JSON.stringify(await app.dataSource.query('SELECT * FROM webhook_endpoints'));
      expect(rows).not.toContain(bytes.toString('base64'));
      expect(JSON.stringify(app.logLines)).not.toContain(bytes.toString('base64'));
    });

    it('accepts five webhooks per user, also at the same time, and five more for an admin', async () => {
      const responses = await Promise.all(
        Array.from({ length: 12 }, () => user.post('/webhooks', { url: URL })),
      );
      const statuses = responses.map(({ status }) => status).toSorted((a, b) => a - b);
      expect(statuses).toEqual([...Array(5).fill(201), ...Array(7).fill(409)]);
      expectProblem(
        responses.find(({ status }) => status === 409)!,
        409,
        'webhook_limit_reached',
      );
      await create(await app.api.signUp());
      await create(admin);
      await create(admin, '/admin/webhooks');
    });

    it.each<[string, object | undefined]>([
      ['no body', undefined],
      ['no url', {}],
      ['null', { url: null }],
      ['a number', { url: 1 }],
      ['a list', { url: [URL] }],
      ['an object', { url: { $ne: null } }],
      ['a blank url', { url: ' ' }],
      ['no URL', { url: 'example.com' }],
      ['another protocol', { url: 'ftp://example.com/' }],
      ['credentials', { url: 'https://user:password@example.com/' }],
      ['a long url', { url: `https://example.com/${'x'.repeat(2_048)}` }],
      ['NUL', { url: 'https://example.com/\u0000' }],
      ['a lone surrogate', { url: 'https://example.com/\ud800' }],
      ['an unknown type', { url: URL, event_types: ['order.lost'] }],
      ['no types', { url: URL, event_types: [] }],
      ['a type twice', { url: URL, event_types: ['order.failed', 'order.failed'] }],
      ['a string of types', { url: URL, event_types: 'order.failed' }],
      ['an object of types', { url: URL, event_types: { length: 1 } }],
      ['a long description', { url: URL, description: 'x'.repeat(201) }],
      ['a blank description', { url: URL, description: ' ' }],
      ['a status', { url: URL, status: 'paused' }],
      ['a secret', { url: URL, secret: 'whsec_AAAA' }],
      ['an owner', { url: URL, user_id: 1 }],
    ])('rejects %s', async (_, body) => {
      const response = await user.post('/webhooks', body);
      expectProblem(response, 400, response.body.code);
      expect(['validation_failed', 'malformed_body']).toContain(response.body.code);
      expect(JSON.stringify(response.body)).not.toContain('password@');
    });

    it.each([
      'https://127.0.0.2.nip.test:22/',
      'https://10.0.0.1/',
      'https://169.254.169.254/latest/meta-data/',
      'https://[::1]/',
      'https://0x0a000001/',
      'https://2852039166/',
      'https://example.com:25/',
      'http://8.8.8.8:8080/',
    ])('forbids %s', async (url) => {
      expectProblem(await user.post('/webhooks', { url }), 422, 'webhook_url_forbidden');
    });

    it('forbids a host with one forbidden address', async () => {
      jest.spyOn(app.nest.get(AddressResolver), 'resolve').mockResolvedValue([
        { address: '8.8.8.8', family: 4 },
        { address: 'fd00::1', family: 6 },
      ]);
      expectProblem(await user.post('/webhooks', { url: URL }), 422, 'webhook_url_forbidden');
      expect((await user.get('/webhooks').expect(200)).body.data).toEqual([]);
    });

    it('returns no 5xx for hostile values', async () => {
      for (const value of HOSTILE_VALUES) {
        for (const field of ['url', 'event_types', 'description']) {
          const response = await user.post('/webhooks', { url: URL, [field]: value });
          expect(response.status).toBeLessThan(500);
          if (response.status === 201) await user.delete(`/webhooks/${response.body.id}`);
        }
      }
    });
  });

  describe('GET /webhooks', () => {
    it('lists the webhooks of the user only, oldest first', async () => {
      const ids = [(await create()).id, (await create()).id];
      await create(await app.api.signUp());
      await create(admin, '/admin/webhooks');
      const { body } = await user.get('/webhooks').expect(200);
      expect(body.data.map(({ id }: { id: number }) => id)).toEqual(ids);
    });

    it('lists the webhooks of all admins under /admin', async () => {
      const other = await app.signUpAdmin();
      const ids = [
        (await create(admin, '/admin/webhooks')).id,
        (await create(other, '/admin/webhooks')).id,
      ];
      await create(admin);
      const { body } = await other.get('/admin/webhooks').expect(200);
      expect(body.data.map(({ id }: { id: number }) => id)).toEqual(ids);
      await other.delete(`/admin/webhooks/${ids[0]}`).expect(204);
    });

    it('returns pages', async () => {
      const ids: number[] = [];
      for (let n = 0; n < 3; n++) ids.push((await create(admin, '/admin/webhooks')).id);
      const first = await admin.get('/admin/webhooks?limit=2').expect(200);
      const listed = (body: { data: { id: number }[] }) => body.data.map(({ id }) => id);
      expect(listed(first.body)).toEqual(ids.slice(0, 2));
      expect(first.headers['link']).toContain('rel="next"');
      const cursor = encodeURIComponent(first.body.next_cursor);
      const second = await admin.get(`/admin/webhooks?limit=2&cursor=${cursor}`).expect(200);
      expect(listed(second.body)).toEqual(ids.slice(2));
      expect(second.body.next_cursor).toBeNull();
      expectProblem(await admin.get(`/webhooks?cursor=${cursor}`), 400, 'invalid_cursor');
    });
  });

  describe('PATCH /webhooks/:id', () => {
    it('changes the fields that are present', async () => {
      const { id, secret: _, ...webhook } = await create();
      const change = async (fields: object) =>
        (await user.patch(`/webhooks/${id}`, fields).expect(200)).body;
      const changed = await change({
        url: 'https://example.org/',
        event_types: ['order.failed'],
        description: 'Other',
      });
      expect(changed).toMatchObject({
        url: 'https://example.org/',
        event_types: ['order.failed'],
        description: 'Other',
        status: 'enabled',
      });
      expect(await change({ status: 'paused' })).toMatchObject({
        ...changed,
        status: 'paused',
        updated_at: expect.any(String),
      });
      expect(await change({ event_types: null, description: null })).toMatchObject({
        event_types: null,
        description: null,
        status: 'paused',
        position: webhook.position,
      });
      expect(await change({ status: 'enabled' })).toMatchObject({ status: 'enabled' });
      expect(await change({})).toMatchObject({ status: 'enabled', url: 'https://example.org/' });
    });

    it.each([
      ['null', { url: null }],
      ['credentials', { url: 'https://user@example.com/' }],
      ['an unknown status', { status: 'disabled' }],
      ['a null status', { status: null }],
      ['no types', { event_types: [] }],
      ['a position', { position: 0 }],
      ['a secret', { secret: 'x' }],
    ])('rejects %s', async (_, body) => {
      const { id } = await create();
      expectProblem(await user.patch(`/webhooks/${id}`, body), 400, 'validation_failed');
    });

    it('forbids the URL of a private network', async () => {
      const { id } = await create();
      const response = await user.patch(`/webhooks/${id}`, { url: 'https://192.168.1.1/' });
      expectProblem(response, 422, 'webhook_url_forbidden');
      expect((await user.get(`/webhooks/${id}`).expect(200)).body.url).toBe(URL);
    });
  });

  describe('DELETE /webhooks/:id', () => {
    it('deletes the webhook', async () => {
      const { id } = await create();
      expect((await user.delete(`/webhooks/${id}`).expect(204)).text).toBe('');
      expectProblem(await user.get(`/webhooks/${id}`), 404, 'webhook_not_found');
      expectProblem(await user.delete(`/webhooks/${id}`), 404, 'webhook_not_found');
    });
  });

  describe('POST /webhooks/:id/secret', () => {
    it('returns another secret, and until when requests are also signed with the previous one', async () => {
      const { id, secret } = await create();
      const { body } = await user.post(`/webhooks/${id}/secret`).expect(200);
      expect(body.secret).toMatch(/^whsec_/);
      expect(body.secret).not.toBe(secret);
      const untilMs = Date.parse(body.previous_secret_expires_at) - Date.parse(body.updated_at);
      expect(untilMs).toBe(24 * 3_600_000);
    });
  });

  describe('POST /webhooks/:id/test', () => {
    let receiver: WebhookReceiver;

    beforeEach(async () => (receiver = await WebhookReceiver.start()));
    afterEach(() => receiver.stop());

    it('sends a signed event, and returns the outcome, also while the webhook is paused', async () => {
      const { id, secret } = await create(user, '/webhooks', { url: receiver.url });
      await user.patch(`/webhooks/${id}`, { status: 'paused' }).expect(200);
      const { body } = await user.post(`/webhooks/${id}/test`).expect(200);
      expect(body).toEqual({
        delivered: true,
        response_status: 204,
        failure: null,
        duration_ms: expect.any(Number),
      });
      const [webhook] = receiver.received;
      expect(isSignedWith(secret, webhook!)).toBe(true);
      expect(webhook!.event).toEqual({
        id: webhook!.id,
        type: 'webhook.test',
        timestamp: expect.any(String),
        data: { webhook_id: id },
      });
      expect((await user.get(`/webhooks/${id}/deliveries`).expect(200)).body.data).toEqual([]);
    });

    it('reports a failure', async () => {
      const { id } = await create(user, '/webhooks', { url: receiver.url });
      receiver.reply = (_, response) => void response.writeHead(503).end('secrets of the receiver');
      const { body } = await user.post(`/webhooks/${id}/test`).expect(200);
      expect(body).toEqual({
        delivered: false,
        response_status: 503,
        failure: 'http_status',
        duration_ms: expect.any(Number),
      });
    });

    it('reports a URL that has become forbidden', async () => {
      const { id } = await create();
      jest
        .spyOn(app.nest.get(AddressResolver), 'resolve')
        .mockResolvedValue([{ address: '10.0.0.1', family: 4 }]);
      const { body } = await user.post(`/webhooks/${id}/test`).expect(200);
      expect(body).toEqual({
        delivered: false,
        response_status: null,
        failure: 'forbidden_address',
        duration_ms: expect.any(Number),
      });
    });

    it('serves one test of a user at a time', async () => {
      const { id } = await create(user, '/webhooks', { url: receiver.url });
      receiver.reply = (_, response) => void setTimeout(() => response.end(), 200);
      const responses = await Promise.all([1, 2].map(() => user.post(`/webhooks/${id}/test`)));
      expect(responses.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 429]);
    });
  });

  describe('POST /webhooks/:id/replay', () => {
    const createPaused = async (client = user, path = '/webhooks') => {
      const webhook = await create(client, path, { event_types: ['order.failed'] });
      await client.patch(`${path}/${webhook.id}`, { status: 'paused' }).expect(200);
      return webhook;
    };

    it('sets the position', async () => {
      await user.placeOrder();
      await app.periodicWork.step();
      const { id } = await createPaused();
      const { body } = await user.post(`/webhooks/${id}/replay`, { after: 0 }).expect(202);
      expect(body).toMatchObject({ id, position: 0, status: 'paused' });
    });

    it('is rejected above the position of the webhook, because the events between would be lost', async () => {
      const { id, position } = await createPaused();
      await user.placeOrder();
      await app.periodicWork.step();
      const response = await user.post(`/webhooks/${id}/replay`, { after: position + 1 });
      expectProblem(response, 400, 'validation_failed');
      expect((await user.get(`/webhooks/${id}`).expect(200)).body.position).toBe(position);
      await user.post(`/webhooks/${id}/replay`, { after: position }).expect(202);
    });

    it('returns 404 for the webhook of another user', async () => {
      const { id } = await createPaused();
      const stranger = await app.api.signUp();
      const response = await stranger.post(`/webhooks/${id}/replay`, { after: 0 });
      expectProblem(response, 404, 'webhook_not_found');
    });

    it('returns 410 below what the retention has deleted of its events', async () => {
      for (let n = 0; n < 3; n++) await user.placeOrder();
      await app.periodicWork.step();
      const own = await createPaused();
      const all = await createPaused(admin, '/admin/webhooks');
      const deleted = own.position - 1;
      await app.dataSource.query(
        `INSERT INTO deleted_events (user_id, position) VALUES (${user.userId}, ${deleted})`,
      );
      for (const [client, path] of [
        [user, `/webhooks/${own.id}`],
        [admin, `/admin/webhooks/${all.id}`],
      ] as const) {
        const response = await client.post(`${path}/replay`, { after: deleted - 1 });
        expectProblem(response, 410, 'position_expired');
        expect(response.body.oldest_position).toBe(deleted + 1);
        await client.post(`${path}/replay`, { after: deleted }).expect(202);
      }
      // Of another user, nothing was deleted.
      const other = await app.api.signUp();
      const { id } = await createPaused(other);
      await other.post(`/webhooks/${id}/replay`, { after: 0 }).expect(202);
      await app.dataSource.query('DELETE FROM deleted_events');
    });

    it.each([
      {},
      { after: -1 },
      { after: 1.5 },
      { after: '0' },
      { after: null },
      { after: 2 ** 53 },
      { after: 4_294_967_296 },
      { after: 0, before: 1 },
    ])('rejects %j', async (body) => {
      const { id } = await create();
      expectProblem(await user.post(`/webhooks/${id}/replay`, body), 400, 'validation_failed');
    });
  });

  describe('GET /webhooks/:id/deliveries', () => {
    const fill = async (id: number, count: number) => {
      for (let position = 1; position <= count; position++) {
        await app.dataSource.query(
          `INSERT INTO webhook_deliveries (endpoint_id, position, order_id, sequence, event_type,
             status, attempts, retries_left, replay, created_at, expires_at)
           VALUES (${id}, ${position}, ${position}, 1, 'order.created', 'delivered', 1, 9, 0,
             '2026-01-31T12:00:00.000Z', '2026-02-07T12:00:00.000Z')`,
        );
      }
    };

    it('returns pages, the latest event first', async () => {
      const { id } = await create();
      await fill(id, 5);
      const positions: number[] = [];
      let cursor: string | null = '';
      let pages = 0;
      do {
        const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
        const response = await user.get(`/webhooks/${id}/deliveries?limit=2${query}`).expect(200);
        positions.push(...response.body.data.map(({ position }: { position: number }) => position));
        cursor = response.body.next_cursor;
        expect(response.headers['link'] !== undefined).toBe(cursor !== null);
        pages++;
      } while (cursor);
      expect(positions).toEqual([5, 4, 3, 2, 1]);
      expect(pages).toBe(3);
    });

    it('rejects a cursor of another webhook', async () => {
      const [one, other] = [await create(), await create()];
      await fill(one.id, 3);
      const { body } = await user.get(`/webhooks/${one.id}/deliveries?limit=1`).expect(200);
      const query = `cursor=${encodeURIComponent(body.next_cursor)}`;
      const response = await user.get(`/webhooks/${other.id}/deliveries?${query}`);
      expectProblem(response, 400, 'invalid_cursor');
    });

    it.each(['limit=0', 'limit=101', 'limit=1&limit=2', 'cursor=x.y', 'cursor=%00'])(
      'rejects %s',
      async (query) => {
        const { id } = await create();
        const response = await user.get(`/webhooks/${id}/deliveries?${query}`);
        expect(response.status).toBe(400);
      },
    );
  });

  describe('POST /webhooks/:id/deliveries/:event_id/redeliver', () => {
    const redeliver = (id: number, event: string) =>
      user.post(`/webhooks/${id}/deliveries/${event}/redeliver`);

    it('returns 404 for an unknown event, and for one of another user', async () => {
      const stranger = await app.api.signUp();
      const { id: order } = await stranger.placeOrder();
      await app.periodicWork.step();
      const { id } = await create();
      for (const event of [`evt_${order}_1`, 'evt_4294967296_1', `evt_${order}_99`]) {
        expectProblem(await redeliver(id, event), 404, 'event_not_found');
      }
    });

    it('is rejected while the webhook is paused', async () => {
      const { id: order } = await user.placeOrder();
      await app.periodicWork.step();
      const { id } = await create();
      await user.patch(`/webhooks/${id}`, { status: 'paused' }).expect(200);
      expectProblem(await redeliver(id, `evt_${order}_1`), 409, 'webhook_not_enabled');
    });

    it.each([
      '1',
      'evt_1',
      'evt_0_1',
      'evt_1_0',
      'evt_1_x',
      'evt_1_99999999999',
      'evt_1_1x',
      '%00',
    ])('rejects the id %s', async (event) => {
      const { id } = await create();
      expectProblem(await redeliver(id, event), 400, 'validation_failed');
    });
  });
});

describe('An instance with WEBHOOKS_ENABLED=false', () => {
  const app = TestApp.forSuite({
    WEBHOOKS_ENABLED: 'false',
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
  });

  it('sends nothing, and serves the other routes', async () => {
    const receiver = await WebhookReceiver.start();
    try {
      const user = await app.api.signUp();
      const { body } = await user.post('/webhooks', { url: receiver.url }).expect(201);
      await user.placeOrder();
      for (let n = 0; n < 3; n++) await app.periodicWork.step();
      const response = await user.post(`/webhooks/${body.id}/test`);
      expectProblem(response, 503, 'service_unavailable');
      expect(receiver.received).toEqual([]);
    } finally {
      await receiver.stop();
    }
  });
});
