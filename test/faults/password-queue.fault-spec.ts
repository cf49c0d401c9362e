import { Agent } from 'node:http';
import { type ApiClient, PASSWORD, type SignedUp } from '../support/api-client';
import { note } from '../support/fault-settings';
import { HttpLoad, type LoadRequest, type Outcome, send, tally } from '../support/http-load';
import { ServerFleet } from '../support/server-fleet';
import { waitUntil } from '../support/wait-until';

const OWNERS = 26;
const FLOOD_CONNECTIONS = 90; // more than wait and are served together

/** One user is served so few requests at a time that it takes several to fill the queue. */
const ATTACKERS = 18;

describe('fault 35: an attacker who floods the queue of passwords', () => {
  let api: ApiClient;
  const agent = new Agent({ keepAlive: true });

  afterAll(() => agent.destroy());

  // Without limits, which an attacker with many accounts would not reach.
  const fleet = ServerFleet.forSuite({ BCRYPT_COST: '8', RATE_LIMIT_ENABLED: 'false' });

  beforeAll(async () => {
    ({ api } = await fleet.start());
  });

  const login = (email: string): LoadRequest => ({
    url: api.url,
    method: 'POST',
    path: '/auth/login',
    body: { email, password: PASSWORD },
  });

  const wrongChange = (token: string): LoadRequest => ({
    url: api.url,
    method: 'POST',
    path: '/auth/password',
    token,
    body: { current_password: 'wrong password', new_password: PASSWORD },
  });

  it.each<[string, (attacker: SignedUp) => LoadRequest]>([
    ['changes of the password', ({ token }) => wrongChange(token!)],
    ['logins', ({ email }) => login(email)],
  ])('by %s leaves others their logins', async (_, requestOf) => {
    const requests: LoadRequest[] = [];
    for (let attacker = 0; attacker < ATTACKERS; attacker++) {
      requests.push(requestOf(await api.signUp()));
    }
    const owners: string[] = [];
    for (let owner = 0; owner < OWNERS; owner++) owners.push((await api.signUp()).email);
    const flood = new HttpLoad({
      clients: FLOOD_CONNECTIONS,
      pauseMs: 200,
      next: (client) => requests[client % ATTACKERS]!,
    });
    await waitUntil(() => flood.outcomes.some(({ status }) => status === 503));

    const logins: Outcome[] = [];
    // Two at a time, so that none waits for the others on a machine that is slow at hashing.
    for (let owner = 0; owner < OWNERS; owner += 2) {
      const pair = owners.slice(owner, owner + 2).map((email) => send(login(email), agent));
      logins.push(...(await Promise.all(pair)));
    }
    await flood.stop();

    note(`logins of others: ${JSON.stringify(tally(logins))}`);
    note(`of the flood: ${JSON.stringify(tally(flood.outcomes))}`);
    expect(logins.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(OWNERS - 1);
  });
});
