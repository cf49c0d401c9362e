import { checkHistories, pathsOf, waitUntilSettled } from '../support/history-checker';
import { ServerFleet } from '../support/server-fleet';
import { waitUntil } from '../support/wait-until';

/** Faults of the step in `fault-server.js`, and the failure reason of their orders. */
const POISONS = {
  'throws an error': 'An unexpected error occurred',
  'throws a string': 'An unexpected error occurred',
  'rejects with an error': 'An unexpected error occurred',
  'rejects with nothing': 'An unexpected error occurred',
  'returns nothing': 'An unexpected error occurred',
  'returns an unknown outcome': expect.any(String) as string,
  hangs: 'Not finished within 4 s',
  'rejects after its deadline': 'Not finished within 4 s',
  'succeeds after its deadline': 'Not finished within 4 s',
};

describe('a poison order', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_MAX_ATTEMPTS: '1' });

  it('fault 4: fails after its last attempt, while the other orders are completed', async () => {
    const server = await fleet.startFaulty({ PROCESSING_LEASE_SECONDS: '5' });
    const user = await server.api.signUp();
    const poisons = Object.entries(POISONS);
    const placed = await Promise.all(
      poisons.flatMap(([product_name, reason]) => [
        user.placeOrder({ product_name, amount: 1 }).then(({ id }) => ({ id, reason })),
        user.placeOrder().then(({ id }) => ({ id, reason: null })),
      ]),
    );

    await fleet.inspect(async (database) => {
      await waitUntilSettled(database, 60_000);
      const paths = await pathsOf(database);
      for (const { id, reason } of placed) {
        const status = reason === null ? 'completed' : 'failed';
        expect(await user.order(id)).toMatchObject({ status, attempts: 1, failure_reason: reason });
        expect(paths.get(id)).toEqual(['pending', 'processing', status]);
      }
      await checkHistories(
        database,
        placed.map(({ id }) => id),
      );
    });
    // Its deadline passes after the end of the steps that finish after theirs, which began before it.
    const last = await user.placeOrder({ product_name: 'hangs', amount: 1 });
    await waitUntil(async () => (await user.order(last.id)).status === 'failed');
    expect(server.process.hasExited).toBe(false);
    expect(fleet.output.filter((line) => /unhandled|not caught/i.test(line))).toEqual([]);
  });

  it('fault 4: that hangs does not delay orders that are placed after it', async () => {
    const server = await fleet.startFaulty({ PROCESSING_LEASE_SECONDS: '100' });
    const user = await server.api.signUp();
    const hanging = await user.placeOrder({ product_name: 'hangs', amount: 1 });
    await waitUntil(async () => (await user.order(hanging.id)).status === 'processing');

    const later = await user.placeOrder();
    // Two ticks, and the delay of a busy machine; the deadline of the hanging attempt is 80 s.
    await waitUntil(async () => (await user.order(later.id)).status === 'completed', {
      description: 'an order is completed that was placed while another one hangs',
      deadlineMs: 30_000,
    });
    expect((await user.order(hanging.id)).status).toBe('processing');
  });
});
