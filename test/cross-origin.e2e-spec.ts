import type { Response } from 'supertest';
import { expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

const OWN = 'https://app.example.com';
const OTHER_OWN = 'http://127.0.0.1:3000';

describe('Cross-origin requests', () => {
  let app: TestApp;

  afterEach(() => app.stop());

  const preflight = (path: string, origin: string, headers = 'authorization,idempotency-key') =>
    app.api.raw('options', path).set({
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': headers,
    });

  const corsHeaders = ({ headers }: Response) =>
    Object.keys(headers as object).filter((name) => name.startsWith('access-control-'));

  it('are let in from a configured origin', async () => {
    app = await TestApp.start({ CORS_ORIGINS: `${OWN}, ${OTHER_OWN}` });
    for (const origin of [OWN, OTHER_OWN]) {
      const allowed = await preflight('/orders', origin);
      expect(allowed.status).toBe(204);
      expect(allowed.headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET,HEAD,POST,PATCH,DELETE',
        'access-control-allow-headers':
          'Authorization,Content-Type,Idempotency-Key,If-Match,If-None-Match,X-Request-Id',
        'access-control-max-age': '600',
        'x-request-id': expect.any(String),
      });
      expect(allowed.headers).not.toHaveProperty('access-control-allow-credentials');
      expect(allowed.headers['vary']).toMatch(/\bOrigin\b/);

      for (const path of ['/', '/orders', '/nope']) {
        const { headers } = await app.api.get(path).set('Origin', origin);
        expect(headers).toMatchObject({
          'access-control-allow-origin': origin,
          'access-control-expose-headers':
            'X-Request-Id,Location,Link,ETag,Retry-After,RateLimit,RateLimit-Policy,' +
            'Idempotent-Replayed,WWW-Authenticate',
        });
        expect(headers['vary']).toMatch(/\bOrigin\b/);
      }
    }
  });

  it.each([
    'https://evil.example.org',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.evil.example.org',
    'https://sub.app.example.com',
    'null',
    '*',
    '',
  ])('are told nothing when they come from %p', async (origin) => {
    app = await TestApp.start({ CORS_ORIGINS: OWN });
    const asked = await preflight('/orders', origin);
    expectProblem(asked, 405, 'method_not_allowed');
    const requested = await app.api.get('/').set('Origin', origin).expect(200);
    for (const response of [asked, requested]) {
      expect(corsHeaders(response)).toEqual([]);
      expect(response.headers['vary']).toMatch(/\bOrigin\b/); // or a cache would mix them up
    }
  });

  it('are let in from anywhere by *, but without cookies', async () => {
    app = await TestApp.start({ CORS_ORIGINS: '*' });
    const allowed = await preflight('/orders', 'https://anybody.example.org');
    expect(allowed.status).toBe(204);
    expect(allowed.headers).toMatchObject({ 'access-control-allow-origin': '*' });
    expect(allowed.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('do not make OPTIONS a method of any route', async () => {
    app = await TestApp.start({ CORS_ORIGINS: OWN });
    const response = await app.api.raw('options', '/orders').set('Origin', OWN);
    expectProblem(response, 405, 'method_not_allowed');
    expect(response.headers['allow']).toBe('GET, HEAD, POST');
  });
});
