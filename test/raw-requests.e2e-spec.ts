import { assert, array, asyncProperty } from 'fast-check';
import { ApiContract } from './support/api-contract';
import { note } from './support/fault-settings';
import { type RawResponse, RawConnection, parseResponses } from './support/raw-connection';
import { type RawExchange, anyExchange } from './support/raw-request-arbitraries';
import { ServerFleet } from './support/server-fleet';
import type { ServerProcess } from './support/server-process';
import { waitUntil } from './support/wait-until';

/** A run that fails prints its seed and path, which repeat it. */
const { RAW_CONNECTIONS = '2000', RAW_SEED, RAW_PATH } = process.env;

/** Connections at a time. */
const AT_ONCE = 20;

/** How long a client waits for the end of its connection before it closes it, in milliseconds. */
const CLIENT_WAIT_MS = 150;

/** Paths that are served and that the OpenAPI document leaves out. */
const UNDESCRIBED = /^(https?:\/\/[^/]*)?\/(docs|openapi)/i;

/** Ends each connection, so that the server closes it if it understood the requests before. */
const LAST_REQUEST = '\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

describe('Random bytes on a connection', () => {
  const fleet = ServerFleet.forSuite();
  let server: ServerProcess;
  const contract = ApiContract.load();
  const requestIds = new Set<string>();

  beforeAll(async () => {
    server = await fleet.start();
  });

  async function exchange({ requests, split, end }: RawExchange): Promise<RawResponse[]> {
    const connection = RawConnection.open(server.api.url, { allowHalfOpen: true });
    const sent = requests.map(({ bytes }) => bytes).join('') + LAST_REQUEST;
    const middle = Math.floor(sent.length * split);
    connection.send(sent.slice(0, middle), 'latin1');
    connection.send(sent.slice(middle), 'latin1');
    if (end === 'wait') await connection.closedWithin(CLIENT_WAIT_MS);
    if (end === 'reset') connection.socket.resetAndDestroy();
    else connection.socket.end();
    await connection.closed(20_000);
    return end === 'wait' ? parseResponses(connection.received) : [];
  }

  /** The operations that a response may belong to, including that of the last request. */
  function operationsOf(requests: RawExchange['requests']) {
    return [...requests, { method: 'GET', target: '/' }].flatMap(({ method, target }) => {
      const path = target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] || '/';
      return contract.find(method, path) ?? [];
    });
  }

  /** How a response differs from its description, or breaks a rule for all responses. */
  function breachesOf({ requests }: RawExchange, response: RawResponse): string[] {
    const { status, headers, body } = response;
    if (status === 100) return [];
    const breaches: string[] = [];
    if (status >= 500) breaches.push('is an error of the server');
    if (!headers['x-request-id']) breaches.push('has no request id');
    if (headers['x-content-type-options'] !== 'nosniff') breaches.push('has no security headers');
    if (headers['x-powered-by']) breaches.push('names the framework');
    const received = { status, headers, text: body };
    if (status >= 400 && body !== '') {
      const problem = JSON.parse(body) as Record<string, unknown>;
      if (problem['request_id'] !== headers['x-request-id']) breaches.push('has another id inside');
      breaches.push(...contract.deviationsOf(received, undefined));
    } else if (body !== '' && !requests.some(({ target }) => UNDESCRIBED.test(target))) {
      const deviations = operationsOf(requests).map((operation) =>
        contract.deviationsOf(received, operation),
      );
      if (!deviations.some((list) => list.length === 0)) breaches.push(...deviations.flat());
    }
    return breaches;
  }

  async function findBreaches(sent: RawExchange): Promise<object[]> {
    const responses = await exchange(sent);
    for (const { headers } of responses) requestIds.add(headers['x-request-id'] ?? '');
    return responses
      .map((response) => ({ sent, response, breaches: breachesOf(sent, response) }))
      .filter(({ breaches }) => breaches.length > 0);
  }

  it('fault 27: get documented responses or problem documents, and the process survives', async () => {
    const property = asyncProperty(
      array(anyExchange, { minLength: AT_ONCE, maxLength: AT_ONCE }),
      async (exchanges) => {
        const breaches = (await Promise.all(exchanges.map(findBreaches))).flat();
        expect(breaches).toEqual([]);
        expect(server.process.hasExited).toBe(false);
      },
    );
    await assert(property, {
      numRuns: Math.ceil(Number(RAW_CONNECTIONS) / AT_ONCE),
      endOnFailure: RAW_PATH === undefined,
      ...(RAW_SEED !== undefined && { seed: Number(RAW_SEED) }),
      ...(RAW_PATH !== undefined && { path: RAW_PATH }),
    });

    await server.api.get('/').expect(200);
    requestIds.delete('');
    const { output } = server.process;
    await waitUntil(() => {
      const log = output.join('\n');
      return [...requestIds].every((id) => log.includes(`"request_id":"${id}"`));
    });
    expect(output.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
    expect(output.filter((line) => line.length > 2_000)).toEqual([]);
    note(`${RAW_CONNECTIONS} connections, ${requestIds.size} responses`);
  }, 1_200_000);
});
