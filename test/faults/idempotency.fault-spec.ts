import { FAULTS, note } from '../support/fault-settings';
import { checkHistories } from '../support/history-checker';
import { SeededRandom } from '../support/seeded-random';
import { ServerFleet } from '../support/server-fleet';
import { waitUntil } from '../support/wait-until';

const ROUNDS = Math.max(3, Math.floor(FAULTS.rounds / 3));
const REQUESTS_PER_KEY = 50;

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly location: string | null;
  readonly etag: string | null;
}

describe('requests with one idempotency key', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  it(`fault 13: make one order when the server is killed half-way and clients send them again, ${ROUNDS} times (FAULT_SEED=${FAULTS.seed})`, async () => {
    const random = new SeededRandom(FAULTS.seed);
    let server = await fleet.start();
    const { token } = await server.api.signUp();
    const sent = { unanswered: 0, inProgress: 0, replayed: 0 };

    /** @returns undefined when no answer came, or none that is final */
    const post = async (key: string): Promise<Answered | undefined> => {
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
        const text = await response.text();
        if (status === 409 || status === 503) {
          expect(headers.get('retry-after')).toMatch(/^\d+$/);
          sent.inProgress++;
          return undefined;
        }
        if (headers.get('idempotent-replayed') === 'true') sent.replayed++;
        return { status, text, location: headers.get('location'), etag: headers.get('etag') };
      } catch {
        sent.unanswered++;
        return undefined;
      }
    };

    const acknowledged: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      // Some keys, so that a kill finds requests in each state.
      const keys = [1, 2, 3, 4].map((key) => `${round}/${key}`);
      const answers = new Map<string, Set<string>>(keys.map((key) => [key, new Set()]));
      let answered = 0;
      const remember = (key: string, answer: Answered | undefined) => {
        if (!answer) return;
        answered++;
        answers.get(key)!.add(JSON.stringify(answer));
      };
      const first = keys.flatMap((key) =>
        Array.from({ length: REQUESTS_PER_KEY }, async () => remember(key, await post(key))),
      );
      // Once some have been answered, while others are waiting, running or on their way.
      const enough = random.integer(1, keys.length * REQUESTS_PER_KEY - 50);
      await waitUntil(() => answered >= enough);
      await server.stop('SIGKILL');
      await Promise.all(first);

      server = await fleet.start();
      await Promise.all(
        keys.flatMap((key) =>
          Array.from({ length: 5 }, async () => {
            let answer: Answered | undefined;
            await waitUntil(async () => (answer = await post(key)) !== undefined);
            remember(key, answer);
          }),
        ),
      );
      for (const [key, different] of answers) {
        expect([key, [...different]]).toEqual([key, [expect.stringContaining('"status":201')]]);
        const { text } = JSON.parse([...different][0]!) as Answered;
        acknowledged.push((JSON.parse(text) as { id: number }).id);
      }
    }

    note(
      `${ROUNDS} kills: ${acknowledged.length} keys, ${sent.unanswered} requests not answered, ` +
        `${sent.inProgress} told to wait, ${sent.replayed} answered again`,
    );
    expect(sent.unanswered).toBeGreaterThan(0);
    expect(sent.replayed).toBeGreaterThan(0);
    await fleet.inspect(async (database) => {
      expect(await checkHistories(database, acknowledged)).toBe(acknowledged.length);
      const names = 'SELECT product_name FROM orders GROUP BY product_name HAVING COUNT(*) > 1';
      expect(await database.query(names)).toEqual([]);
    });
  });
});
