import { PASSWORD, expectProblem } from './support/api-client';
import { TcpProxy } from './support/tcp-proxy';
import { TestApp } from './support/test-app';

describe('When the server starts and Redis', () => {
  it.each(['refuses connections', 'does not respond'])(
    'fault 20: %s, the process counts requests itself, and the log has one warning',
    async (fault) => {
      const proxy = await TcpProxy.start({ host: '127.0.0.1', port: 9 });
      if (fault === 'refuses connections') await proxy.refuse();
      else proxy.swallow();
      const app = await TestApp.start({
        RATE_LIMIT_ENABLED: 'true',
        REDIS_URL: `redis://:a-secret-password@127.0.0.1:${proxy.port}`,
      });
      app.clock.freeze(); // the delay of the sixth guess does not end meanwhile
      try {
        const credentials = { email: 'nobody@example.com', password: PASSWORD };
        for (let request = 0; request < 5; request++) {
          await app.api.post('/auth/login', credentials).expect(401);
        }
        const rejected = await app.api.post('/auth/login', credentials);
        expectProblem(rejected, 429, 'rate_limited');
        const warnings = app.logLines.filter(({ level }) => level !== 'info');
        expect(warnings).toEqual([
          expect.objectContaining({ level: 'warn', msg: expect.stringMatching(/^Redis is away/) }),
        ]);
        expect(JSON.stringify(app.logLines)).not.toContain('a-secret-password');
      } finally {
        await app.stop();
        await proxy.close();
      }
    },
  );
});
