import { WebhookWorker } from '../src/webhooks/delivery/webhook-worker';
import { SecretRenewal } from '../src/webhooks/secrets/secret-renewal';
import type { WebhookResponse, WebhookWithSecretResponse } from '../src/webhooks/webhook.dto';
import { PASSWORD, type SignedUp } from './support/api-client';
import { TestApp } from './support/test-app';
import { type TestDatabase, createTestDatabase } from './support/test-database';
import { WebhookReceiver, isSignedWith } from './support/webhook-receiver';

const [OLD, NEW, WRONG] = [
  'the first secret that is long enough',
  'the second secret that is long enough',
  'a secret of another environment',
];

/** As the table has it. */
interface SecretRow {
  readonly secret: string;
  readonly secret_key_id: string;
  readonly previous_secret: string | null;
  readonly previous_secret_key_id: string | null;
  readonly previous_secret_expires_at: string | null;
}

describe('Secrets of webhooks', () => {
  let database: TestDatabase;
  let app: TestApp;
  let receiver: WebhookReceiver;
  let user: SignedUp;
  let webhook: WebhookWithSecretResponse;

  beforeEach(async () => {
    database = await createTestDatabase();
    receiver = await WebhookReceiver.start();
    await start(OLD);
    user = await app.api.signUp();
    webhook = (await user.post('/webhooks', { url: receiver.url }).expect(201)).body;
  });

  afterEach(async () => {
    await app.stop();
    await receiver.stop();
    await database.drop();
  });

  const start = async (JWT_SECRET: string, JWT_PREVIOUS_SECRETS = '') => {
    app = await TestApp.start({
      ...database.environment,
      JWT_SECRET,
      JWT_PREVIOUS_SECRETS,
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
    });
  };

  const restart = async (secret: string, previousSecrets?: string) => {
    await app.stop();
    await start(secret, previousSecrets);
  };

  const asUser = async () =>
    app.api.withToken((await app.api.logIn(user.email, PASSWORD)).access_token);

  const get = async () => {
    const { body } = await (await asUser()).get(`/webhooks/${webhook.id}`).expect(200);
    return body as WebhookResponse;
  };

  const row = async () => {
    const rows = await app.dataSource.query<SecretRow[]>('SELECT * FROM webhook_endpoints');
    return rows[0]!;
  };

  const expectDelivery = async () => {
    const before = receiver.received.length;
    await (await asUser()).placeOrder();
    await app.periodicWork.until(() => receiver.received.length > before);
    expect(isSignedWith(webhook.secret, receiver.received.at(-1)!)).toBe(true);
  };

  it('are usable again after a start with a wrong JWT_SECRET', async () => {
    await restart(WRONG);
    expect(await get()).toMatchObject({
      status: 'disabled',
      disabled_reason: 'secret_unreadable',
    });
    await restart(NEW, OLD);
    expect(await get()).toMatchObject({ status: 'enabled', disabled_reason: null });
    expect(app.logLines).toContainEqual(
      expect.objectContaining({
        msg: 'A webhook was enabled again: its secret can be decrypted',
        webhook_id: webhook.id,
      }),
    );
    await expectDelivery();
  });

  it('are usable again without a start, within ten minutes', async () => {
    await app.dataSource.query(
      `UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = 'secret_unreadable'`,
    );
    await app.nest.get(SecretRenewal).tick();
    expect(await get()).toMatchObject({ status: 'enabled', disabled_reason: null });
  });

  it('of a webhook to which another instance is sending do not disable it, but are reported', async () => {
    const lease = (until: string) =>
      app.dataSource.query(
        `UPDATE webhook_endpoints SET lease_token = 'other', lease_expires_at = '${until}'`,
      );
    await lease('2099-01-31T12:00:00.000Z');
    await restart(WRONG);
    expect((await get()).status).toBe('enabled');
    await app.nest.get(SecretRenewal).tick();
    expect(app.logLines).toContainEqual(
      expect.objectContaining({
        msg: 'The secrets of webhooks cannot be decrypted by this instance',
        webhooks: 1,
      }),
    );
    await lease('2020-01-31T12:00:00.000Z');
    await restart(WRONG);
    expect((await get()).status).toBe('disabled');
  });

  it('do not enable a webhook that its owner has paused', async () => {
    await user.patch(`/webhooks/${webhook.id}`, { status: 'paused' }).expect(200);
    await restart(WRONG);
    expect((await get()).status).toBe('paused');
    const client = await asUser();
    await client.patch(`/webhooks/${webhook.id}`, { status: 'enabled' }).expect(409);
    await restart(OLD);
    expect((await get()).status).toBe('paused');
  });

  it('do not enable a webhook that was disabled for another reason', async () => {
    await app.dataSource.query(
      `UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = 'gone'`,
    );
    await restart(NEW, OLD);
    expect(await get()).toMatchObject({ status: 'disabled', disabled_reason: 'gone' });
  });

  it('do not enable a webhook whose secret was replaced before its receiver has the new one', async () => {
    await restart(WRONG);
    const client = await asUser();
    const { body } = await client.post(`/webhooks/${webhook.id}/secret`).expect(200);
    expect(body).toMatchObject({ status: 'paused', disabled_reason: null });
    await app.nest.get(SecretRenewal).tick();
    expect((await get()).status).toBe('paused');
    await client.patch(`/webhooks/${webhook.id}`, { status: 'enabled' }).expect(200);
  });

  it('that an instance with the previous JWT_SECRET has encrypted are encrypted again within ten minutes', async () => {
    await user.post(`/webhooks/${webhook.id}/secret`).expect(200);
    const old = await row();
    await restart(NEW, OLD);
    const renewed = await row();
    expect(renewed.secret_key_id).not.toBe(old.secret_key_id);
    expect(renewed.previous_secret_key_id).toBe(renewed.secret_key_id);
    // As that instance writes it.
    await app.dataSource.query(
      `UPDATE webhook_endpoints SET secret = '${old.secret}', secret_key_id = '${old.secret_key_id}',
         previous_secret = '${old.previous_secret}', previous_secret_key_id = '${old.previous_secret_key_id}'`,
    );
    await app.nest.get(SecretRenewal).tick();
    expect(await row()).toMatchObject({
      secret_key_id: renewed.secret_key_id,
      previous_secret_key_id: renewed.secret_key_id,
    });
    await restart(NEW);
    await expectDelivery();
  });

  it('before a rotation are deleted within ten minutes after they have expired', async () => {
    await user.post(`/webhooks/${webhook.id}/secret`).expect(200);
    await app.nest.get(SecretRenewal).tick();
    expect((await row()).previous_secret).not.toBeNull();
    await app.dataSource.query(
      `UPDATE webhook_endpoints SET previous_secret_expires_at = '2020-01-01T00:00:00.000Z'`,
    );
    await app.nest.get(SecretRenewal).tick();
    expect(await row()).toMatchObject({
      previous_secret: null,
      previous_secret_key_id: null,
      previous_secret_expires_at: null,
    });
    await app.nest.get(WebhookWorker).idle();
  });
});
