import { PASSWORD } from '../support/api-client';
import { note } from '../support/fault-settings';
import { HttpLoad, durationOf, tally } from '../support/http-load';
import { leastOf } from '../support/least-of';
import { LoadTarget } from '../support/load-target';

/** The lowest cost that production accepts, so that hashing takes as long as there. */
const COST = '10';

/**
 * How long a client waits for a login: the 8 s of the queue, and time for everything else, which
 * takes seconds on a busy machine.
 */
const PATIENCE_MS = 30_000;

/** Of other requests. */
const MAX_P99_MS = 100;

const MAX_DIFFERENCE = 0.1;

describe('logins', () => {
  const server = LoadTarget.forSuite({ BCRYPT_COST: COST, RATE_LIMIT_ENABLED: 'false' });
  let email: string;

  beforeAll(async () => {
    ({ email } = await server.api.signUp());
  });

  /** @returns the p99 of other requests during 500 logins, in milliseconds */
  const measureBeside500 = async () => {
    const probes = new HttpLoad({
      clients: 2,
      pauseMs: 5,
      next: () => server.get('/health/live'),
    });

    const login = server.post('/auth/login', { email, password: PASSWORD });
    const logins = await Promise.all(
      Array.from({ length: 500 }, () => server.send(login, PATIENCE_MS)),
    );
    await probes.stop();

    const served = logins.filter(({ status }) => status === 200);
    const rejected = logins.filter(({ status }) => status === 503);
    const others = logins.filter(({ status }) => status !== 200 && status !== 503);
    expect(others.map(({ status, failure, body }) => ({ status, failure, body }))).toEqual([]);
    expect(served.length).toBeGreaterThan(10);
    expect(rejected.length).toBeGreaterThan(0);
    expect(rejected.every(({ headers }) => Number(headers['retry-after']) > 0)).toBe(true);
    expect(Object.keys(tally(probes.outcomes))).toEqual(['200']);
    const p99 = percentile(probes.outcomes.map(durationOf), 99);
    note(`logins: ${JSON.stringify(tally(logins))}, ${probes.outcomes.length} probes of`);
    note(`/health/live, p99 ${p99.toFixed(0)} ms`);
    return p99;
  };

  it('fault 19: 500 at once do not delay other requests', async () => {
    expect(await leastOf(MAX_P99_MS, measureBeside500)).toBeLessThan(MAX_P99_MS);
  });

  /** @returns the difference of the medians, as a share of the time for a wrong password */
  const measureDifference = async () => {
    const durations: Record<string, number[]> = { unknown: [], wrong: [] };
    for (let round = 0; round < 60; round++) {
      const attempts = {
        unknown: { email: `nobody${round}@example.com`, password: PASSWORD },
        wrong: { email, password: 'wrong password' },
      };
      // The order alternates, so that an effect of one attempt on the next one cancels out.
      const inTurn = Object.entries(attempts);
      for (const [name, attempt] of round % 2 ? inTurn : inTurn.toReversed()) {
        const outcome = await server.send(server.post('/auth/login', attempt));
        expect(outcome.status).toBe(401);
        durations[name]!.push(durationOf(outcome));
      }
    }
    const [unknown, wrong] = Object.values(durations).map((values) => percentile(values, 50));
    note(
      `median: unknown address ${unknown!.toFixed(1)} ms, wrong password ${wrong!.toFixed(1)} ms`,
    );
    return Math.abs(unknown! - wrong!) / wrong!;
  };

  it('take the same time for an unknown address and for a wrong password', async () => {
    expect(await leastOf(MAX_DIFFERENCE, measureDifference)).toBeLessThan(MAX_DIFFERENCE);
  });
});

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1]!;
}
