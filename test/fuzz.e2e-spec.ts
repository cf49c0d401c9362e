import { Agent, request as sendRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { assert, asyncProperty } from 'fast-check';
import { type Answer, ApiContract } from './support/api-contract';
import type { SignedUp } from './support/api-client';
import { note } from './support/fault-settings';
import { leaksIn } from './support/leaks';
import { type FuzzRequest, OWN_ID, anyRequest } from './support/request-arbitraries';
import { ServerFleet } from './support/server-fleet';
import type { ServerProcess } from './support/server-process';

/** A run that fails prints its seed and path; given these, it is repeated. */
const { FUZZ_REQUESTS = '2000', FUZZ_SEED, FUZZ_PATH } = process.env;

/** In which ways an answer is not as described, or as no answer may be whatever is described. */
function breachesOf(contract: ApiContract, request: FuzzRequest, answer: Answer): string[] {
  const { status, headers, text: body } = answer;
  const breaches: string[] = [];
  if (status >= 500) breaches.push(`is a ${status}`);
  if (!headers['x-request-id']) breaches.push('has no request id');
  breaches.push(...leaksIn(body).map((leak) => `contains ${leak}`));
  if (status >= 400 && body !== '') {
    const problem = JSON.parse(body) as Record<string, unknown>;
    if (problem['status'] !== status) breaches.push('tells another status');
    if (problem['request_id'] !== headers['x-request-id']) breaches.push('tells another id');
  }
  if (status === 401 && !headers['www-authenticate']) breaches.push('has no challenge');
  if (status === 405 && headers['allow'] === undefined) breaches.push('has no Allow');
  // Anything may be asked for with `If-None-Match: *` (RFC 9110, section 13.1.2).
  if (status === 304) return breaches;
  const operation = contract.operations.find(({ name }) => name === request.operation);
  // An altered path may still lead to an operation, and the answer to a HEAD has no body.
  const isJudged = operation !== undefined || (status >= 400 && body !== '');
  return isJudged ? [...breaches, ...contract.deviationsOf(answer, operation)] : breaches;
}

describe('Whatever is sent', () => {
  let server: ServerProcess;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  afterAll(() => agent.destroy());

  const fleet = ServerFleet.forSuite({ FULFILMENT_DELAY_MS: '0' });
  const accounts: Partial<Record<'user' | 'admin', { client: SignedUp; orderId: number }>> = {};

  beforeAll(async () => {
    server = await fleet.start();
  });

  /** Some requests end their session or change their password; then somebody new takes over. */
  async function accountOf(role: 'user' | 'admin') {
    const known = accounts[role];
    if (known && (await known.client.get('/users/me')).status === 200) return known;
    const { api } = server;
    const client = await (role === 'admin' ? fleet.signUpAdmin(api) : api.signUp());
    const { id: orderId } = await client.placeOrder();
    return (accounts[role] = { client, orderId });
  }

  async function send({
    method,
    path,
    query,
    bearer,
    headers,
    body,
  }: FuzzRequest): Promise<Answer> {
    const account = await accountOf(bearer === 'admin' ? 'admin' : 'user');
    const authorization =
      typeof bearer === 'object'
        ? { Authorization: bearer.text }
        : bearer !== 'nobody' && { Authorization: `Bearer ${account.client.token}` };
    const target = path.replace(OWN_ID, String(account.orderId)) + (query && `?${query}`);
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(server.api.url);
      const request = sendRequest(
        { agent, hostname, port, method, path: target, headers: { ...headers, ...authorization } },
        (response) => {
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

  it('is answered as the OpenAPI document says', async () => {
    const contract = ApiContract.load();
    const statuses: Record<number, number> = {};
    const succeeded = new Set<string>();
    const property = asyncProperty(anyRequest(contract), async (request) => {
      const answer = await send(request);
      const breaches = breachesOf(contract, request, answer);
      expect({ breaches, answer: breaches.length > 0 && answer }).toEqual({
        breaches: [],
        answer: false,
      });
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      if (request.operation && answer.status < 300) succeeded.add(request.operation);
    });
    await assert(property, {
      numRuns: Number(FUZZ_REQUESTS),
      ...(FUZZ_SEED && { seed: Number(FUZZ_SEED) }),
      ...(FUZZ_PATH && { path: FUZZ_PATH }),
    });

    note(`fuzzing: ${JSON.stringify(statuses)}`);
    // Otherwise requests would not get past the validation.
    if (!FUZZ_PATH) expect(succeeded.size).toBeGreaterThan(contract.operations.length / 2);
    expect(server.process.output.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  }, 180_000);
});
