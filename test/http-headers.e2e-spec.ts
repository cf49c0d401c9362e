import { type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

describe('Response headers', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  it.each(['a', 'req-1', '4b4b2f43-3d0d-4d0a-9c6a-6f3f0a3f7f0e', 'A.b_c:1', 'x'.repeat(128)])(
    'keep the request id %s of the client',
    async (id) => {
      const response = await app.api.get('/nope').set('X-Request-Id', id);
      expectProblem(response, 404, 'not_found');
      expect(response.headers['x-request-id']).toBe(id);
    },
  );

  it.each([
    ['is empty', ''],
    ['has a space', 'a b'],
    ['has a quote', 'a"b'],
    ['looks like a path', '../../etc'],
    ['looks like JSON', '{"level":"fatal"}'],
    ['is not ASCII', 'é'],
    ['is longer than 128 characters', 'x'.repeat(129)],
  ])('have a new request id when that of the client %s', async (_, id) => {
    const response = await app.api.get('/nope').set('X-Request-Id', id);
    expectProblem(response, 404, 'not_found');
    expect(response.headers['x-request-id']).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  });

  it('have different request ids', async () => {
    const [first, second] = [await app.api.get('/'), await app.api.get('/')];
    expect(first.headers['x-request-id']).toMatch(/^[\w-]{36}$/);
    expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
  });

  it.each([
    ['a success', '/'],
    ['an error', '/nope'],
    ['the explorer', '/docs'],
  ])('include security headers: %s', async (_, path) => {
    const { headers } = await app.api.get(path);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining(`default-src 'self'`),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    expect(headers).not.toHaveProperty('x-powered-by');
    // Not over plain HTTP (RFC 6797, section 7.2).
    expect(headers).not.toHaveProperty('strict-transport-security');
  });

  it.each([
    ['get', '/users/me', 'no-store'],
    ['get', '/orders', 'private, no-cache'],
    ['get', '/orders?limit=0', 'no-store'],
    ['get', '/nope', 'no-store'],
  ] as const)('control caches: %s %s', async (method, path, expected) => {
    const response = await user.raw(method, path);
    expect(response.headers['cache-control']).toBe(expected);
  });

  it('forbid caches to store tokens', async () => {
    const { email } = await app.api.signUp();
    const login = await app.api.post('/auth/login', { email, password: 'correct horse' });
    expect(login.status).toBe(200);
    expect(login.headers['cache-control']).toBe('no-store');
  });
});
