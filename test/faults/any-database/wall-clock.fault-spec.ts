import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Session } from '../../../src/auth/session.entity';
import { ServerFleet } from '../../support/server-fleet';
import type { ServerProcess } from '../../support/server-process';
import { waitUntil } from '../../support/wait-until';

/** After eight failures; the fifth starts the first delay of 1 s. */
const FAILURES = 8;
const DELAY_SECONDS = 8;

const PRELOAD = join(__dirname, 'wall-clock.js');

describe('fault 29: a wall clock that is set back by an hour', () => {
  const fleet = ServerFleet.forSuite({
    RATE_LIMIT_ENABLED: 'true',
    FULFILMENT_DELAY_MS: '0',
    NODE_OPTIONS: `--require=${PRELOAD}`,
  });
  let server: ServerProcess;

  beforeAll(async () => {
    server = await fleet.start();
  });

  const setBack = async () => {
    const { output } = server.process;
    const count = () => output.filter((line) => line.startsWith('Wall clock set back')).length;
    const before = count();
    server.process.kill('SIGCONT');
    await waitUntil(() => count() > before);
  };

  it('keeps a session that another instance ended for at most ten seconds', async () => {
    const user = await server.api.signUp();
    await user.get('/orders').expect(200);
    await fleet.inspect((database) =>
      database.getRepository(Session).delete({ userId: user.userId }),
    );
    await setBack();
    await waitUntil(async () => (await user.get('/orders')).status === 401);
  });

  it('changes no delay after failed logins', async () => {
    const { email } = await server.api.signUp();
    const logIn = (password: string) => server.api.post('/auth/login', { email, password });
    const returns = async (status: number, password: string) => {
      const response = await logIn(password);
      if (response.status === 429) await delay(250); // few requests, which are limited too
      return response.status === status;
    };
    for (let guess = 0; guess < FAILURES; guess++) {
      await waitUntil(() => returns(401, 'wrong guess'), { deadlineMs: 30_000 });
    }
    await setBack();
    const rejected = await logIn('correct horse');
    expect(rejected.status).toBe(429);
    expect(Number(rejected.headers['retry-after'])).toBeLessThanOrEqual(DELAY_SECONDS);
    await waitUntil(() => returns(200, 'correct horse'), { deadlineMs: 30_000 });
  });

  it('delays no order', async () => {
    const user = await server.api.signUp();
    await setBack();
    const { id } = await user.placeOrder();
    await waitUntil(async () => (await user.order(id)).status === 'completed', {
      deadlineMs: 10_000,
    });
  });
});
