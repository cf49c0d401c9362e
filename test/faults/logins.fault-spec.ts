import { Agent } from 'node:http';
import { note } from '../support/fault-settings';
import { HttpLoad, type LoadRequest, type Outcome, send, tally } from '../support/http-load';
import { ServerFleet } from '../support/server-fleet';

/** What production allows at least, so that a password costs as much as it does there. */
const COST = '10';

/**
 * How long a client waits for a login: the 8 s that it may spend in the queue, and as much again for
 * the rest, which takes seconds on a machine that does other work too.
 */
const PATIENCE_MS = 30_000;

const PASSWORD = 'correct horse';

describe('logins', () => {
  let url: string;
  let email: string;
  const agent = new Agent({ keepAlive: true });

  afterAll(() => agent.destroy());

  const fleet = ServerFleet.forSuite({ BCRYPT_COST: COST, RATE_LIMIT_ENABLED: 'false' });

  beforeAll(async () => {
    const { api } = await fleet.start();
    url = api.url;
    ({ email } = await api.signUp());
  });

  const login = (body: object): LoadRequest => ({ url, method: 'POST', path: '/auth/login', body });

  const duration = ({ sentAt, endedAt }: Outcome) => endedAt - sentAt;

  it('fault 19: come 500 at once, and hold up nobody else', async () => {
    const probes = new HttpLoad({
      clients: 2,
      pauseMs: 5,
      next: () => ({ url, method: 'GET', path: '/health/live' }),
    });

    const logins = await Promise.all(
      Array.from({ length: 500 }, () =>
        send(login({ email, password: PASSWORD }), agent, PATIENCE_MS),
      ),
    );
    await probes.stop();

    const served = logins.filter(({ status }) => status === 200);
    const refused = logins.filter(({ status }) => status === 503);
    const others = logins.filter(({ status }) => status !== 200 && status !== 503);
    expect(others.map(({ status, failure, body }) => ({ status, failure, body }))).toEqual([]);
    expect(served.length).toBeGreaterThan(50);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ headers }) => Number(headers['retry-after']) > 0)).toBe(true);
    expect(Object.keys(tally(probes.outcomes))).toEqual(['200']);
    const p99 = percentile(probes.outcomes.map(duration), 99);
    note(`logins: ${JSON.stringify(tally(logins))}, ${probes.outcomes.length} probes of`);
    note(`/health/live, p99 ${p99.toFixed(0)} ms`);
    expect(p99).toBeLessThan(100);
  });

  it('take the same time for an unknown address and for a wrong password', async () => {
    const durations: Record<string, number[]> = { unknown: [], wrong: [] };
    for (let round = 0; round < 60; round++) {
      const attempts = {
        unknown: { email: `nobody${round}@example.com`, password: PASSWORD },
        wrong: { email, password: 'wrong password' },
      };
      // Whatever the one before leaves behind shall not always meet the same of the two.
      const inTurn = Object.entries(attempts);
      for (const [name, attempt] of round % 2 ? inTurn : inTurn.toReversed()) {
        const outcome = await send(login(attempt), agent);
        expect(outcome.status).toBe(401);
        durations[name]!.push(duration(outcome));
      }
    }
    const [unknown, wrong] = Object.values(durations).map((values) => percentile(values, 50));
    note(
      `median: unknown address ${unknown!.toFixed(1)} ms, wrong password ${wrong!.toFixed(1)} ms`,
    );
    expect(Math.abs(unknown! - wrong!) / wrong!).toBeLessThan(0.1);
  });
});

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1]!;
}
