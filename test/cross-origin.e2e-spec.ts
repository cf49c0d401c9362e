import type { Response } from 'supertest';
import { expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

const ORIGIN = 'https://app.example.com';
const OTHER_ORIGIN = 'http://127.0.0.1:3000';

describe('Cross-origin requests', () => {
  const preflight = ({ api }: TestApp, origin: string) =>
    api.raw('options', '/orders').set({
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,idempotency-key',
    });

  const corsHeadersOf = ({ headers }: Response) =>
    Object.keys(headers as object).filter((name) => name.startsWith('access-control-'));

  describe('with a list of CORS_ORIGINS', () => {
    const app = TestApp.forSuite({ CORS_ORIGINS: `${ORIGIN}, ${OTHER_ORIGIN}` });

    it.each([ORIGIN, OTHER_ORIGIN])('are allowed from %s', async (origin) => {
      const allowed = await preflight(app, origin);
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
            'X-Request-Id,Location,Content-Disposition,Link,ETag,Retry-After,RateLimit,' +
            'RateLimit-Policy,Idempotent-Replayed,WWW-Authenticate',
        });
        expect(headers['vary']).toMatch(/\bOrigin\b/);
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
    ])('get no CORS headers from %p', async (origin) => {
      const options = await preflight(app, origin);
      expectProblem(options, 405, 'method_not_allowed');
      const request = await app.api.get('/').set('Origin', origin).expect(200);
      for (const response of [options, request]) {
        expect(corsHeadersOf(response)).toEqual([]);
        expect(response.headers['vary']).toMatch(/\bOrigin\b/); // or a cache would mix them up
      }
    });

    it('are rejected when OPTIONS is not a preflight', async () => {
      const response = await app.api.raw('options', '/orders').set('Origin', ORIGIN);
      expectProblem(response, 405, 'method_not_allowed');
      expect(response.headers['allow']).toBe('GET, HEAD, POST');
    });
  });

  describe('with CORS_ORIGINS=*', () => {
    const app = TestApp.forSuite({ CORS_ORIGINS: '*' });

    it('are allowed from anywhere, but without cookies', async () => {
      const allowed = await preflight(app, 'https://anybody.example.org');
      expect(allowed.status).toBe(204);
      expect(allowed.headers).toMatchObject({ 'access-control-allow-origin': '*' });
      expect(allowed.headers).not.toHaveProperty('access-control-allow-credentials');
    });
  });

  describe('without CORS_ORIGINS', () => {
    const app = TestApp.forSuite();

    it('get no CORS headers', async () => {
      const options = await preflight(app, ORIGIN);
      const request = await app.api.get('/orders').set('Origin', ORIGIN);
      for (const response of [options, request]) expect(corsHeadersOf(response)).toEqual([]);
    });
  });
});
