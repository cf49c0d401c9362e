import { type Server, createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { expectProblem } from './support/api-client';
import { RawConnection, rawGet } from './support/raw-connection';
import { metricsUrlOf } from './support/scrape';
import { ServerFleet } from './support/server-fleet';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

const TOKEN = 'scrape-k9wV0s3Jq7tYb2NcX5zRf8HdLm4';

describe('GET /metrics', () => {
  describe('without METRICS_PORT and METRICS_TOKEN', () => {
    const app = TestApp.forSuite();

    it('is no route', async () => {
      expectProblem(await app.api.get('/metrics'), 404, 'not_found');
      expectProblem(await app.api.withToken('any').get('/metrics'), 404, 'not_found');
    });
  });

  describe('with METRICS_TOKEN', () => {
    const app = TestApp.forSuite({ METRICS_TOKEN: TOKEN });

    it('returns the metrics for the token', async () => {
      const response = await request(app.api.url)
        .get('/metrics')
        .set('Authorization', `Bearer ${TOKEN}`)
        .expect(200);
      expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(response.text).toContain('\napp_info{');
    });

    it('rejects requests without the token', async () => {
      const { api } = app;
      const response = await api.get('/metrics');
      expectProblem(response, 401, 'unauthenticated');
      expect(response.headers['www-authenticate']).toMatch(/^Bearer/);
      for (const token of ['x', TOKEN.slice(1), `${TOKEN}x`, TOKEN.toUpperCase(), '']) {
        expect((await api.withToken(token).get('/metrics')).status).toBe(401);
      }
      const user = await api.signUp();
      expectProblem(await user.get('/metrics'), 401, 'invalid_token');
      expectProblem(await api.get(`/metrics?token=${TOKEN}`), 400, 'validation_failed');
    });

    it('accepts the token on no other route', async () => {
      expectProblem(await app.api.withToken(TOKEN).get('/users/me'), 401, 'invalid_token');
    });

    it('is not in the OpenAPI document', async () => {
      const { body } = await app.api.get('/openapi.json').expect(200);
      expect(Object.keys((body as { paths: object }).paths)).not.toContain('/metrics');
    });

    it('logs no token', async () => {
      await app.api.withToken(`${TOKEN}-wrong`).get('/metrics').expect(401);
      expect(JSON.stringify(app.logLines)).not.toContain(TOKEN);
    });

    it('opens no other port', () => {
      expect(() => metricsUrlOf(app)).toThrow();
    });
  });

  describe('with METRICS_PORT', () => {
    const app = TestApp.forSuite({ METRICS_PORT: '0' });

    it('is served on that port only', async () => {
      const { text } = await request(metricsUrlOf(app)).get('/metrics').expect(200);
      expect(text).toContain('\napp_info{');
      expectProblem(await app.api.get('/metrics'), 404, 'not_found');
    });

    it('ignores a query, and responds to HEAD without a body', async () => {
      const url = metricsUrlOf(app);
      await request(url).get('/metrics?x=1').expect(200);
      const { headers, text } = await request(url).head('/metrics').expect(200);
      expect(Number(headers['content-length'])).toBeGreaterThan(1_000);
      expect(text).toBeFalsy();
    });

    it('is the only route of that port', async () => {
      const url = metricsUrlOf(app);
      for (const path of ['/', '/orders', '/health/live', '/metrics/', '/metrics/x', '/docs']) {
        await request(url).get(path).expect(404);
      }
      for (const method of ['post', 'put', 'delete', 'options'] as const) {
        await request(url)[method]('/metrics').expect(404);
      }
    });

    it('survives bytes that are no request', async () => {
      const url = metricsUrlOf(app);
      expect(await RawConnection.exchange(url, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
      await RawConnection.exchange(url, rawGet('Connection: close', `/${'x'.repeat(20_000)}`));
      await request(url).get('/metrics').expect(200);
    });
  });

  describe('with METRICS_PORT, on one connection', () => {
    const app = TestApp.forSuite({ METRICS_PORT: '0' });

    it('serves one request after the other', async () => {
      const connection = RawConnection.open(metricsUrlOf(app));
      for (let n = 1; n <= 3; n++) {
        connection.send(rawGet('', '/nope'));
        await waitUntil(() => connection.received.split('404 Not Found').length === n + 1);
      }
      connection.socket.destroy();
    });

    it.each(['/metrics', '/nope'])('rejects requests that do not wait: %s', async (path) => {
      const url = metricsUrlOf(app);
      const connection = RawConnection.open(url);
      connection.send(rawGet('', path).repeat(1_000));
      await connection.closed(15_000); // an idle connection ends after a minute
      expect(connection.received.split('HTTP/1.1 ').length).toBeLessThanOrEqual(2);
      await request(url).get('/metrics').expect(200);
    });
  });

  it('ends with the application', async () => {
    const app = await TestApp.start({ METRICS_PORT: '0' });
    const url = metricsUrlOf(app);
    const idle = RawConnection.open(url);
    await once(idle.socket, 'connect');
    await app.stop();
    await idle.closed();
    await expect(request(url).get('/metrics')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  describe('on a port that is taken', () => {
    const fleet = ServerFleet.forEachTest();
    let other: Server;

    beforeEach(async () => {
      other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
    });

    afterEach(() => other.close());

    it('prevents the start, with the name of the variable', async () => {
      const { port } = other.address() as AddressInfo;
      const start = fleet.start({ METRICS_PORT: String(port) });
      await expect(start).rejects.toThrow(
        `The server could not start: METRICS_PORT, METRICS_HOST: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
      );
    });
  });
});
