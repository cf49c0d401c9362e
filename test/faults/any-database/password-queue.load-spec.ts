import { PASSWORD, type SignedUp } from '../../support/api-client';
import { note } from '../../support/fault-settings';
import { HttpLoad, type LoadRequest, type Outcome, tally } from '../../support/http-load';
import { LoadTarget } from '../../support/load-target';
import { waitUntil } from '../../support/wait-until';

const OWNERS = 26;
const FLOOD_CONNECTIONS = 90; // more than can wait and be served at the same time

/** It takes several users to fill the queue, because few requests of a user are served at once. */
const ATTACKERS = 18;

describe('fault 35: an attacker who floods the password queue', () => {
  // Without rate limits, because an attacker with many accounts would stay below them.
  const server = LoadTarget.forSuite({ BCRYPT_COST: '8', RATE_LIMIT_ENABLED: 'false' });

  const login = (email: string) => server.post('/auth/login', { email, password: PASSWORD });

  const wrongChange = (token: string) =>
    server.post(
      '/auth/password',
      { current_password: 'wrong password', new_password: PASSWORD },
      token,
    );

  it.each<[string, (attacker: SignedUp) => LoadRequest]>([
    ['changes of the password', ({ token }) => wrongChange(token!)],
    ['logins', ({ email }) => login(email)],
  ])('with %s does not prevent the logins of others', async (_, requestOf) => {
    const requests: LoadRequest[] = [];
    for (let attacker = 0; attacker < ATTACKERS; attacker++) {
      requests.push(requestOf(await server.api.signUp()));
    }
    const owners: string[] = [];
    for (let owner = 0; owner < OWNERS; owner++) owners.push((await server.api.signUp()).email);
    const flood = new HttpLoad({
      clients: FLOOD_CONNECTIONS,
      pauseMs: 200,
      next: (client) => requests[client % ATTACKERS]!,
    });
    await waitUntil(() => flood.outcomes.some(({ status }) => status === 503));

    const logins: Outcome[] = [];
    // Two at a time, so that the owners do not delay each other on a slow machine.
    for (let owner = 0; owner < OWNERS; owner += 2) {
      const pair = owners.slice(owner, owner + 2).map((email) => server.send(login(email)));
      logins.push(...(await Promise.all(pair)));
    }
    await flood.stop();

    note(`logins of others: ${JSON.stringify(tally(logins))}`);
    note(`of the flood: ${JSON.stringify(tally(flood.outcomes))}`);
    expect(logins.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(OWNERS - 1);
  });
});
