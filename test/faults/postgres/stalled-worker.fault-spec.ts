import { checkHistories, pathsOf } from '../../support/history-checker';
import { ServerFleet } from '../../support/server-fleet';
import type { ServerProcess } from '../../support/server-process';
import { waitUntil } from '../../support/wait-until';

interface LogLine {
  readonly msg?: string;
  readonly order_id?: number;
  readonly to?: string;
}

const isClaimed = ({ to }: LogLine) => to === 'processing';
const isReclaimed = ({ msg }: LogLine) => msg?.startsWith('Reclaimed') ?? false;
const isCompleted = ({ to }: LogLine) => to === 'completed';
const isDropped = ({ msg }: LogLine) => msg?.startsWith('Dropped') ?? false;

/** The orders of the log lines that match. */
function logged({ process }: ServerProcess, match: (line: LogLine) => boolean): Set<number> {
  const lines = process.output.map((line) => JSON.parse(line) as LogLine).filter(match);
  return new Set(lines.flatMap(({ order_id }) => order_id ?? []));
}

describe('a worker that stalls for longer than its lease', () => {
  const fleet = ServerFleet.forEachTest({
    PROCESSING_LEASE_SECONDS: '2',
    FULFILMENT_DELAY_MS: '1000',
  });

  it.each([
    ['while another worker processes its orders', isReclaimed],
    ['after another worker has completed its orders', isCompleted],
  ])('fault 3: drops its results when it wakes up %s', async (_, isTimeToWakeUp) => {
    const stalled = await fleet.start();
    const user = await stalled.api.signUp();
    const orders = await Promise.all(Array.from({ length: 10 }, () => user.placeOrder()));
    const ids = new Set(orders.map(({ id }) => id));
    await waitUntil(() => logged(stalled, isClaimed).size === ids.size);
    stalled.process.kill('SIGSTOP');
    expect(logged(stalled, isCompleted).size).toBe(0);

    const other = await fleet.start();
    await waitUntil(() => logged(other, isTimeToWakeUp).size === ids.size);
    stalled.process.kill('SIGCONT');
    await waitUntil(() => logged(stalled, isDropped).size === ids.size);
    await waitUntil(() => logged(other, isCompleted).size === ids.size);
    expect(logged(stalled, isDropped)).toEqual(ids);
    expect(logged(stalled, isCompleted).size).toBe(0);
    expect(logged(other, isCompleted)).toEqual(ids);

    const again = stalled.api.withToken(user.token!);
    await fleet.inspect(async (database) => {
      const paths = await pathsOf(database);
      for (const id of ids) {
        expect(await again.order(id)).toMatchObject({ status: 'completed', attempts: 2 });
        expect(paths.get(id)).toEqual([
          'pending',
          'processing',
          'pending',
          'processing',
          'completed',
        ]);
      }
      await checkHistories(database, ids);
    });
  });
});
