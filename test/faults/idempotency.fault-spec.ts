import { FAULTS, note } from '../support/fault-settings';
import { checkHistories } from '../support/history-checker';
import { SeededRandom } from '../support/seeded-random';
import { ServerFleet } from '../support/server-fleet';
import { waitUntil } from '../support/wait-until';

const ROUNDS = Math.max(3, Math.floor(FAULTS.rounds / 3));
const REQUESTS_PER_KEY = 50;

interface FinalResponse {
  readonly status: number;
  readonly body: string;
  readonly location: string | null;
  readonly etag: string | null;
}

describe('requests with one idempotency key', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  it(`fault 13: place one order when the server is killed in between and clients repeat them, ${ROUNDS} times (FAULT_SEED=${FAULTS.seed})`, async () => {
    const random = new SeededRandom(FAULTS.seed);
    let server = await fleet.start();
    const { token } = await server.api.signUp();
    const sent = { lost: 0, inProgress: 0, replayed: 0, answered: 0 };

    /** @returns undefined when no response arrived, or one that asks to retry */
    const post = async (key: string): Promise<FinalResponse | undefined> => {
      try {
        const response = await fetch(`${server.api.url}/orders`, {
          method: 'POST',
          headers: {
            Authorization: `Bearer ${token}`,
            'Content-Type': 'application/json',
            'Idempotency-Key': key,
          },
          body: JSON.stringify({ product_name: key, amount: 1 }),
        });
        const { status, headers } = response;
        const body = await response.text();
        sent.answered++;
        if (status === 409 || status === 503) {
          expect(headers.get('retry-after')).toMatch(/^\d+$/);
          sent.inProgress++;
          return undefined;
        }
        if (headers.get('idempotent-replayed') === 'true') sent.replayed++;
        return { status, body, location: headers.get('location'), etag: headers.get('etag') };
      } catch {
        sent.lost++;
        return undefined;
      }
    };

    const acknowledged: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      // Some keys, so that a kill finds requests in each state.
      const keys = [1, 2, 3, 4].map((key) => `${round}/${key}`);
      const responses = new Map<string, Set<string>>(keys.map((key) => [key, new Set()]));
      const remember = (key: string, response: FinalResponse | undefined) => {
        if (response) responses.get(key)!.add(JSON.stringify(response));
      };
      const first = keys.flatMap((key) =>
        Array.from({ length: REQUESTS_PER_KEY }, async () => remember(key, await post(key))),
      );
      // After some responses, while other requests wait, run or are being sent.
      const enough = sent.answered + random.integer(1, keys.length * REQUESTS_PER_KEY - 50);
      await waitUntil(() => sent.answered >= enough);
      await server.stop('SIGKILL');
      await Promise.all(first);

      server = await fleet.start();
      await Promise.all(
        keys.flatMap((key) =>
          Array.from({ length: 5 }, async () => {
            let response: FinalResponse | undefined;
            await waitUntil(async () => (response = await post(key)) !== undefined);
            remember(key, response);
          }),
        ),
      );
      for (const [key, different] of responses) {
        expect([key, [...different]]).toEqual([key, [expect.stringContaining('"status":201')]]);
        const { body } = JSON.parse([...different][0]!) as FinalResponse;
        acknowledged.push((JSON.parse(body) as { id: number }).id);
      }
    }

    note(
      `${ROUNDS} kills: ${acknowledged.length} keys, ${sent.lost} requests without a response, ` +
        `${sent.inProgress} rejected as in progress, ${sent.replayed} replayed`,
    );
    expect(sent.lost).toBeGreaterThan(0);
    expect(sent.replayed).toBeGreaterThan(0);
    await fleet.inspect(async (database) => {
      expect(await checkHistories(database, acknowledged)).toBe(acknowledged.length);
      const names = 'SELECT product_name FROM orders GROUP BY product_name HAVING COUNT(*) > 1';
      expect(await database.query(names)).toEqual([]);
    });
  });
});
