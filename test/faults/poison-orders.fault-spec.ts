import { checkHistories, pathsOf, waitUntilSettled } from '../support/history-checker';
import { ServerFleet } from '../support/server-fleet';
import { waitUntil } from '../support/wait-until';

/** What the steps of `fault-server.js` do, and how their orders end when it happens once. */
const POISONS = {
  'throws an error': 'An unexpected error occurred',
  'throws a text': 'An unexpected error occurred',
  'rejects with an error': 'An unexpected error occurred',
  'rejects with nothing': 'An unexpected error occurred',
  'returns nothing': 'An unexpected error occurred',
  'returns an unknown outcome': expect.any(String) as string,
  hangs: 'Not finished within 0.8 s',
  'rejects when nobody listens any more': 'Not finished within 0.8 s',
  'succeeds when nobody listens any more': 'Not finished within 0.8 s',
};

describe('a poison order', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_MAX_ATTEMPTS: '1' });

  it('fault 4: ends as failed, whatever its step does, while the others are completed', async () => {
    const server = await fleet.startFaulty({ PROCESSING_LEASE_SECONDS: '1' });
    const user = await server.api.signUp();
    const poisons = Object.entries(POISONS);
    const placed = await Promise.all(
      poisons.flatMap(([product_name, reason]) => [
        user.placeOrder({ product_name, amount: 1 }).then(({ id }) => ({ id, reason })),
        user.placeOrder().then(({ id }) => ({ id, reason: null })),
      ]),
    );

    await fleet.inspect(async (database) => {
      await waitUntilSettled(database, 20_000);
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
    // Results that come when nobody listens any more have come by now.
    expect(server.process.hasExited).toBe(false);
    expect(fleet.output.filter((line) => /unhandled/i.test(line))).toEqual([]);
  });

  it('fault 4: that hangs does not hold up orders that are placed after it', async () => {
    const server = await fleet.startFaulty({ PROCESSING_LEASE_SECONDS: '20' });
    const user = await server.api.signUp();
    const hanging = await user.placeOrder({ product_name: 'hangs', amount: 1 });
    await waitUntil(async () => (await user.order(hanging.id)).status === 'processing');

    const later = await user.placeOrder();
    // Two ticks, and what a busy machine may be late by; the deadline of the other is at 16 s.
    await waitUntil(async () => (await user.order(later.id)).status === 'completed', {
      description: 'an order is completed that was placed while another one hangs',
      deadlineMs: 5_000,
    });
    expect((await user.order(hanging.id)).status).toBe('processing');
  });
});
