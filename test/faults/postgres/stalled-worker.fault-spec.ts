import { NEVER } from '../../support/cron';
import { checkHistories, pathsOf, waitUntilSettled } from '../../support/history-checker';
import { ServerFleet } from '../../support/server-fleet';
import type { ServerProcess } from '../../support/server-process';
import { waitUntil } from '../../support/wait-until';

interface LogLine {
  readonly msg?: string;
  readonly order_id?: number;
  readonly to?: string;
}

const isReclaimed = ({ msg }: LogLine) => msg?.startsWith('Reclaimed') ?? false;
const isBegun = ({ msg }: LogLine) => msg === 'Fulfilment begins';
const isCompleted = ({ to }: LogLine) => to === 'completed';
const isDropped = ({ msg }: LogLine) => msg?.startsWith('Dropped') ?? false;

/** The orders of the log lines that match, in the order of the lines. */
function logged({ process }: ServerProcess, match: (line: LogLine) => boolean): number[] {
  const lines = process.output.map((line) => JSON.parse(line) as LogLine).filter(match);
  return lines.flatMap(({ order_id }) => order_id ?? []);
}

describe('a worker that stalls for longer than its lease', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_LEASE_SECONDS: '10' });

  it.each([
    ['before another worker processes its orders', isReclaimed],
    ['after another worker has completed its orders', isCompleted],
  ])('fault 3: drops its results when it wakes up %s', async (_, isTimeToWakeUp) => {
    const stalled = await fleet.startFaulty({
      FULFILMENT_DELAY_MS: '5000',
      PROCESSING_CRON: NEVER, // begins all orders together, on request
    });
    const user = await fleet.signUpAdmin(stalled.api);
    const ids = new Set(await user.placeOrders(10));
    await user.post('/admin/processing/runs').expect(202);
    await waitUntil(() => logged(stalled, isBegun).length === ids.size);
    stalled.process.kill('SIGSTOP');
    expect(logged(stalled, isCompleted)).toEqual([]);

    const other = await fleet.startFaulty({ FULFILMENT_DELAY_MS: '200' });
    await waitUntil(() => new Set(logged(other, isTimeToWakeUp)).size === ids.size);
    stalled.process.kill('SIGCONT');
    await waitUntil(() => logged(stalled, isDropped).length === ids.size);
    const claimsAndCompletions = await fleet.inspect(async (database) => {
      await waitUntilSettled(database, 120_000);
      const paths = await pathsOf(database);
      for (const id of ids) {
        expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 2 });
        expect(paths.get(id)).toEqual([
          'pending',
          'processing',
          'pending',
          'processing',
          'completed',
        ]);
      }
      await checkHistories(database, ids);
      const second = await database.query<{ order_id: number }[]>(
        `SELECT order_id FROM order_history WHERE sequence IN (4, 5)
         ORDER BY created_at, sequence DESC`,
      );
      return second.map(({ order_id }) => order_id);
    });
    expect(new Set(logged(stalled, isDropped))).toEqual(ids);
    // The lines of the log arrive after the commit.
    const countCompleted = () =>
      [stalled, other].flatMap((server) => logged(server, isCompleted)).length;
    await waitUntil(() => countCompleted() >= ids.size);
    expect(logged(other, isDropped)).toEqual([]);
    // After it has woken up, both of them process the reclaimed orders.
    const completed = [stalled, other].flatMap((server) => logged(server, isCompleted));
    expect(completed.toSorted((a, b) => a - b)).toEqual([...ids].toSorted((a, b) => a - b));
    // One after another: the result of each is recorded before the next one is claimed.
    for (const server of [stalled, other]) {
      const own = logged(server, isCompleted);
      const seconds = claimsAndCompletions.filter((id) => own.includes(id));
      expect(seconds).toEqual([...new Set(seconds)].flatMap((id) => [id, id]));
    }
  });
});
