import type { ApiClient } from '../../support/api-client';
import { ServerFleet } from '../../support/server-fleet';
import { waitUntil } from '../../support/wait-until';

/** How long the other instance may accept the access token. */
const NOTICED_WITHIN_MS = 10_000;

describe('a session that ends on one of two instances', () => {
  const fleet = ServerFleet.forSuite({ PROCESSING_ENABLED: 'false' });

  beforeAll(async () => {
    await Promise.all([fleet.start(), fleet.start()]);
  });

  const statusAt = async (api: ApiClient) => (await api.get('/orders')).status;

  it.each<[string, (user: ApiClient) => Promise<unknown>]>([
    ['a logout', (user) => user.post('/auth/logout').expect(204)],
    ['ending all sessions', (user) => user.delete('/auth/sessions').expect(204)],
  ])('is rejected at once there and soon on the other, after %s', async (_, end) => {
    const [here, there] = fleet.running.map(({ api }) => api);
    const { token, refreshToken } = await here!.signUp();
    const [userHere, userThere] = [here!.withToken(token!), there!.withToken(token!)];
    expect(await statusAt(userThere)).toBe(200); // cached there from now on

    await end(userHere);

    expect(await statusAt(userHere)).toBe(401);
    await there!.post('/auth/refresh', { refresh_token: refreshToken }).expect(401);
    await waitUntil(async () => (await statusAt(userThere)) === 401, {
      deadlineMs: NOTICED_WITHIN_MS,
    });
  });

  it('returns the same next token to refreshes of one token on both instances', async () => {
    const { refreshToken } = await fleet.running[0]!.api.signUp();
    const refreshes = Array.from({ length: 20 }, (_, index) =>
      fleet.running[index % 2]!.api.post('/auth/refresh', { refresh_token: refreshToken }),
    );
    const responses = await Promise.all(refreshes);
    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200));
    const successors = responses.map(
      ({ body }) => (body as { refresh_token: string }).refresh_token,
    );
    expect(new Set(successors).size).toBe(1);
  });
});
