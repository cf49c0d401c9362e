import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiClient } from './support/api-client';
import { ApiContract } from './support/api-contract';

/** A response of the stub server. */
interface StubResponse {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: object | string;
}

const HEADERS = { 'Content-Type': 'application/json', 'X-Request-Id': '1' };
const USER = {
  id: 1,
  name: 'John',
  email: 'john@example.com',
  role: 'customer',
  created_at: '2026-01-31T12:00:00.000Z',
};
const PROBLEM = {
  type: '/problems/unauthenticated',
  title: 'Unauthenticated',
  status: 401,
  detail: 'A bearer token is required',
  code: 'unauthenticated',
  instance: '/users/me',
  request_id: '1',
};
const PROBLEM_HEADERS = {
  'Content-Type': 'application/problem+json',
  'X-Request-Id': '1',
  'WWW-Authenticate': 'Bearer',
};

const CSV_HEADERS = {
  'Content-Type': 'text/csv',
  'Content-Disposition': 'attachment',
  'X-Request-Id': '1',
};

describe('A request of the test client', () => {
  let server: Server;
  let stub: StubResponse;

  beforeAll((done) => {
    server = createServer((_request, response) => {
      const { status = 200, headers = HEADERS, body } = stub;
      response.writeHead(status, headers);
      response.end(typeof body === 'object' ? JSON.stringify(body) : body);
    }).listen(0, '127.0.0.1', done);
  });

  afterAll((done) => void server.close(done));

  const request = (given: StubResponse, path = '/users/me') => {
    stub = given;
    const { port } = server.address() as AddressInfo;
    return new ApiClient(`http://127.0.0.1:${port}`).get(path);
  };

  it.each<[string, StubResponse]>([
    ['a success', { body: USER }],
    ['an error', { status: 401, headers: PROBLEM_HEADERS, body: PROBLEM }],
  ])('passes when the response is described: %s', async (_, given) => {
    await expect(request(given)).resolves.toBeDefined();
  });

  it.each<[string, StubResponse, string]>([
    ['a field', { body: { ...USER, secret: 1 } }, 'additional properties ("secret")'],
    ['a missing field', { body: { ...USER, name: undefined } }, "property 'name'"],
    ['a type', { body: { ...USER, id: '1' } }, '/id must be integer'],
    ['a format', { body: { ...USER, created_at: 'today' } }, '/created_at must match format'],
    ['a value', { body: { ...USER, role: 'owner' } }, '/role must be equal to one of'],
    ['a status', { status: 202, body: USER }, 'the status is not described'],
    ['an empty body', {}, 'must be object'],
    ['a missing header', { headers: { 'Content-Type': 'application/json' }, body: USER }, 'X-Req'],
    ['a header', { headers: { ...HEADERS, 'Retry-After': '1' }, body: USER }, 'Retry-After is not'],
    ['a content type', { headers: { ...HEADERS, 'Content-Type': 'text/html' } }, 'is text/html'],
    [
      'an error code',
      { status: 401, headers: PROBLEM_HEADERS, body: { ...PROBLEM, code: 'expired' } },
      '/code must be equal to one of',
    ],
  ])('fails when the response has %s that is not described', async (_, given, deviation) => {
    await expect(request(given)).rejects.toThrow(deviation);
  });

  it.each([
    ['a column', (csv: string) => csv.replaceAll('\r\n', ',x\r\n'), 'the columns are'],
    ['a name', (csv: string) => csv.replace('amount', 'price'), 'the columns are'],
    ['a record', (csv: string) => `${csv}1,2\r\n`, 'record 2 has another number of cells'],
    ['a line break', (csv: string) => csv.trimEnd(), 'Malformed CSV'],
  ])('fails when CSV has %s that is not described', async (_, change, deviation) => {
    const operation = ApiContract.load().find('GET', '/orders/export');
    const csv = String(operation!.responses[200]!.content!['text/csv']!.example);
    const send = (body: string) => request({ headers: CSV_HEADERS, body }, '/orders/export');
    await expect(send(csv)).resolves.toBeDefined();
    await expect(send(change(csv))).rejects.toThrow(deviation);
  });

  it('fails when a route that is not described responds with anything but a problem', async () => {
    await expect(request({ body: USER }, '/nope')).rejects.toThrow('there is no such operation');
    const rejection = { ...PROBLEM, status: 404, code: 'not_found' };
    await request({ status: 404, headers: PROBLEM_HEADERS, body: rejection }, '/nope').expect(404);
  });
});
