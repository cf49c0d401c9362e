import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiClient } from './support/api-client';

/** What a server could answer, and the document does not describe. */
interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: object;
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

describe('A request of the tests', () => {
  let server: Server;
  let answer: Answer;

  beforeAll((done) => {
    server = createServer((_request, response) => {
      const { status = 200, headers = HEADERS, body } = answer;
      response.writeHead(status, headers).end(body && JSON.stringify(body));
    }).listen(0, '127.0.0.1', done);
  });

  afterAll((done) => void server.close(done));

  const ask = (given: Answer, path = '/users/me') => {
    answer = given;
    const { port } = server.address() as AddressInfo;
    return new ApiClient(`http://127.0.0.1:${port}`).get(path);
  };

  it.each<[string, Answer]>([
    ['a success', { body: USER }],
    ['an error', { status: 401, headers: PROBLEM_HEADERS, body: PROBLEM }],
  ])('passes when the answer is described: %s', async (_, given) => {
    await expect(ask(given)).resolves.toBeDefined();
  });

  it.each<[string, Answer, string]>([
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
  ])('fails when the answer has %s that is not described', async (_, given, deviation) => {
    await expect(ask(given)).rejects.toThrow(deviation);
  });

  it('fails when a route that is not described does more than refuse', async () => {
    await expect(ask({ body: USER }, '/nope')).rejects.toThrow('there is no such operation');
    const refusal = { ...PROBLEM, status: 404, code: 'not_found' };
    await ask({ status: 404, headers: PROBLEM_HEADERS, body: refusal }, '/nope').expect(404);
  });
});
