import { Agent, request as sendRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { assert, asyncProperty } from 'fast-check';
import { type ReceivedResponse, ApiContract } from './support/api-contract';
import type { WebhookWithSecretResponse } from '../src/webhooks/webhook.dto';
import type { SignedUp } from './support/api-client';
import { note } from './support/fault-settings';
import { leaksIn } from './support/leaks';
import { type FuzzRequest, type OwnId, anyRequest } from './support/request-arbitraries';
import { ServerFleet } from './support/server-fleet';
import type { ServerProcess } from './support/server-process';

/** A failing run prints its seed and path, which repeat it. */
const { FUZZ_REQUESTS = '2000', FUZZ_SEED, FUZZ_PATH } = process.env;

/** The ways in which a response differs from its description, or breaks a rule for all responses. */
function breachesOf(
  contract: ApiContract,
  request: FuzzRequest,
  response: ReceivedResponse,
): string[] {
  const { status, headers, text: body } = response;
  const breaches: string[] = [];
  if (status >= 500) breaches.push(`is a ${status}`);
  if (!headers['x-request-id']) breaches.push('has no request id');
  breaches.push(...leaksIn(body).map((leak) => `contains ${leak}`));
  if (status >= 400 && body !== '') {
    const problem = JSON.parse(body) as Record<string, unknown>;
    if (problem['status'] !== status) breaches.push('has another status in its body');
    if (problem['request_id'] !== headers['x-request-id'])
      breaches.push('has another request id in its body');
  }
  if (status === 401 && !headers['www-authenticate']) breaches.push('has no challenge');
  if (status === 405 && headers['allow'] === undefined) breaches.push('has no Allow');
  // Any GET may have `If-None-Match: *` (RFC 9110, section 13.1.2).
  if (status === 304) return breaches;
  const operation = contract.operations.find(({ name }) => name === request.operation);
  // An altered path may match another operation, and the response to a HEAD request has no body.
  const isComparable = operation !== undefined || (status >= 400 && body !== '');
  return isComparable ? [...breaches, ...contract.deviationsOf(response, operation)] : breaches;
}

interface Account {
  readonly client: SignedUp;
  readonly webhook: string;
  readonly ownIds: Readonly<Record<OwnId, string | number>>;
}

describe('The response to any request', () => {
  let server: ServerProcess;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  afterAll(() => agent.destroy());

  const fleet = ServerFleet.forSuite({
    FULFILMENT_DELAY_MS: '0',
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.2/32', // where nobody listens
  });
  const accounts: Partial<Record<'user' | 'admin', Account>> = {};

  beforeAll(async () => {
    server = await fleet.start();
  });

  /** Opens a new account when a request has ended the session of the previous one, or deleted its webhook. */
  async function accountOf(role: 'user' | 'admin'): Promise<Account> {
    const known = accounts[role];
    if (known && (await known.client.get(known.webhook)).status === 200) return known;
    const { api } = server;
    const client = await (role === 'admin' ? fleet.signUpAdmin(api) : api.signUp());
    const webhooks = role === 'admin' ? '/admin/webhooks' : '/webhooks';
    const created = await client.post(webhooks, { url: 'http://127.0.0.2:8080/' }).expect(201);
    const { id: webhookId } = created.body as WebhookWithSecretResponse;
    const { id: orderId } = await client.placeOrder();
    const ownIds = {
      '{own-order}': orderId,
      '{own-webhook}': webhookId,
      '{own-event}': `evt_${orderId}_1`,
    };
    return (accounts[role] = { client, webhook: `${webhooks}/${webhookId}`, ownIds });
  }

  async function send({
    method,
    path,
    query,
    bearer,
    headers,
    body,
  }: FuzzRequest): Promise<ReceivedResponse> {
    const account = await accountOf(bearer === 'admin' ? 'admin' : 'user');
    const authorization =
      typeof bearer === 'object'
        ? { Authorization: bearer.raw }
        : bearer !== 'none' && { Authorization: `Bearer ${account.client.token}` };
    let target = path;
    for (const [name, id] of Object.entries(account.ownIds)) target = target.replace(name, `${id}`);
    if (query) target += `?${query}`;
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(server.api.url);
      const request = sendRequest(
        { agent, hostname, port, method, path: target, headers: { ...headers, ...authorization } },
        (response) => {
          if (response.headers['content-type'] === 'text/event-stream') {
            // It would not end.
            response.on('error', () => undefined).destroy();
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text: '' });
            return;
          }
          text(response).then(
            (received) =>
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                text: received,
              }),
            reject,
          );
        },
      );
      request.on('error', reject);
      if (body !== undefined) request.setHeader('Content-Length', Buffer.byteLength(body));
      request.end(body);
    });
  }

  it('is described by the OpenAPI document', async () => {
    const contract = ApiContract.load();
    const statuses: Record<number, number> = {};
    const succeeded = new Set<string>();
    const property = asyncProperty(anyRequest(contract), async (request) => {
      const response = await send(request);
      const breaches = breachesOf(contract, request, response);
      expect({ breaches, response: breaches.length > 0 && response }).toEqual({
        breaches: [],
        response: false,
      });
      statuses[response.status] = (statuses[response.status] ?? 0) + 1;
      if (request.operation && response.status < 300) succeeded.add(request.operation);
    });
    await assert(property, {
      numRuns: Number(FUZZ_REQUESTS),
      ...(FUZZ_SEED && { seed: Number(FUZZ_SEED) }),
      ...(FUZZ_PATH && { path: FUZZ_PATH }),
    });

    const { operations } = contract;
    note(
      `fuzzing: ${succeeded.size} of ${operations.length} operations, ${JSON.stringify(statuses)}`,
    );
    // Otherwise most requests fail validation, and test little.
    if (!FUZZ_PATH) expect(succeeded.size).toBeGreaterThan(operations.length / 2);
    expect(server.process.output.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
