import type { OpenAPIObject } from '@nestjs/swagger';
import { type SignedUp, expectProblem } from './support/api-client';
import {
  RawConnection,
  expectFinalProblem,
  parseResponses,
  rawGet,
} from './support/raw-connection';
import { TestApp } from './support/test-app';

describe('Routes', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  const exchange = (request: string) => RawConnection.exchange(app.api.url, request);

  it.each([
    ['get', '/nope'],
    ['post', '/nope'],
    ['get', '/orders/1/nope'],
    ['get', '/orders/1/history/1'],
    ['get', '/users'],
    ['get', '/users/1'],
    ['get', '/auth'],
    ['get', '/health'],
    ['get', '/nope/%E0%A4%A'],
    ['get', '/.env'],
    ['get', '/docs/..%2f..%2fpackage.json'],
  ] as const)('do not include %s %s', async (method, path) => {
    for (const client of [app.api, user]) {
      const response = await client.raw(method, path);
      expectProblem(response, 404, 'not_found');
      expect(response.body.instance).toBe(path);
    }
  });

  it.each([
    ['/orders', 'delete', 'GET, HEAD, POST'],
    ['/docs', 'post', 'GET, HEAD'],
    ['/openapi.json', 'post', 'GET, HEAD'],
  ] as const)('reject other methods: %s rejects %s, and allows %s', async (path, method, allow) => {
    const response = await user.raw(method, path);
    expectProblem(response, 405, 'method_not_allowed');
    expect(response.headers['allow']).toBe(allow);
  });

  it.each(['TRACE', 'OPTIONS', 'PROPFIND', 'QUERY'])('reject the method %s', async (method) => {
    const request = rawGet('Connection: close', '/orders').replace('GET', method);
    const [response] = parseResponses(await exchange(request));
    expectFinalProblem(response, 405, 'method_not_allowed');
    expect(response?.headers['allow']).toBe('GET, HEAD, POST');
  });

  it('do not include OPTIONS *', async () => {
    const request = rawGet('Connection: close', '*').replace('GET', 'OPTIONS');
    const [response] = parseResponses(await exchange(request));
    expect(response?.status).toBe(404);
    expect(JSON.parse(response!.body)).toMatchObject({ code: 'not_found', instance: '*' });
  });

  it('allow exactly the methods that the OpenAPI document describes', async () => {
    const { paths } = (await app.api.get('/openapi.json').expect(200)).body as OpenAPIObject;
    for (const template of Object.keys(paths)) {
      const path = template.replaceAll(/\{\w+\}/g, '1');
      const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
      // A path such as /admin/orders/retries is also one of GET /admin/orders/{id}.
      const items = Object.entries(paths).filter(([other]) => matches(other, path));
      const described = methods.filter((method) => items.some(([, item]) => item[method]));
      const allowed = described.map((method) => method.toUpperCase());
      if (described.includes('get')) allowed.push('HEAD');

      for (const method of methods.filter((method) => !described.includes(method))) {
        const response = await user.raw(method, path);
        expectProblem(response, 405, 'method_not_allowed');
        expect({ path, allow: response.headers['allow'] }).toEqual({
          path,
          allow: allowed.toSorted().join(', '),
        });
      }
    }
  });

  it('respond to HEAD as to GET, without a body', async () => {
    const head = (path: string) =>
      exchange(rawGet('Connection: close', path).replace('GET', 'HEAD'));
    expect(await head('/')).toMatch(/^HTTP\/1\.1 200 OK\r\n[^{]+$/);
    expect(await head('/nope')).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[^{]+$/);
    expect(await head('/auth/login')).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n[^{]+$/);
  });

  it.each([
    ['get', '/'],
    ['get', '/health/live'],
    ['get', '/health/ready'],
    ['post', '/auth/register'],
    ['post', '/auth/login'],
    ['get', '/users/me'],
    ['post', '/orders'],
    ['get', '/orders/1'],
    ['patch', '/orders/1/cancel'],
    ['get', '/orders/1/history'],
  ] as const)('reject a query that they do not declare: %s %s', async (method, path) => {
    const response = await user.raw(method, `${path}?verbose=1&__proto__=1`);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.instance).toBe(path);
    expect(response.body.errors).toEqual([
      { field: 'verbose', message: expect.any(String) },
      { field: '__proto__', message: expect.any(String) },
    ]);
  });

  it.each([
    ['a range that does not exist', 'Range', 'bytes=99999999-'],
    ['a condition that does not hold', 'If-Match', '"nothing"'],
    ['a date that has passed', 'If-Unmodified-Since', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ])('do not fail when a file of the explorer is requested with %s', async (_, header, value) => {
    const response = await app.api.get('/docs/swagger-ui.css').set(header, value);
    expect(response.status).toBeLessThan(500);
  });
});

/** Whether a path is one of a template of the OpenAPI document. */
function matches(template: string, path: string): boolean {
  const pattern = template.replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(path);
}
