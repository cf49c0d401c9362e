import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EVERY_SECOND } from '../../support/cron';
import { note } from '../../support/fault-settings';
import { OtherProcess } from '../../support/other-process';
import { repeatIfStalled } from '../../support/repeat-if-stalled';
import { ServerProcess, createFolder } from '../../support/server-process';
import { StallMeter } from '../../support/stall-meter';
import { waitUntil } from '../../support/wait-until';

const LOCKED_MS = 8_000;

describe('a server whose SQLite file another process locks for 8 s', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  let server: ServerProcess | undefined;
  let other: OtherProcess | undefined;

  beforeEach(async () => {
    folder = await createFolder();
  });

  afterEach(async () => {
    await other?.end();
    await server?.stop('SIGKILL');
    await folder.remove();
  });

  it('fault 30: serves health checks and reads, rejects writes in time, and recovers', async () => {
    server = await ServerProcess.start(folder.path, {
      PROCESSING_CRON: EVERY_SECOND,
      FULFILMENT_DELAY_MS: '10',
    });
    const { api } = server;
    const user = await api.signUp();
    const { id } = await user.placeOrder();

    const lock = () => OtherProcess.lock(join(folder.path, 'orders.db'));
    other = await lock();
    const end = performance.now() + LOCKED_MS;
    const stalls = new StallMeter();
    const timed = async <T>(work: PromiseLike<T>) => {
      const begin = performance.now();
      const endOfStalls = stalls.start();
      try {
        return [await work, performance.now() - begin - endOfStalls()] as const;
      } finally {
        endOfStalls();
      }
    };
    const latencies: number[] = [];
    const watch = async () => {
      while (performance.now() < end) {
        for (const path of ['/health/live', '/health/ready']) {
          const [{ status }, ms] = await timed(api.get(path));
          expect([path, status]).toEqual([path, 200]);
          latencies.push(ms);
        }
        expect((await user.order(id)).id).toBe(id);
        await delay(20);
      }
    };
    const write = async () => {
      const rejections: number[] = [];
      while (performance.now() < end - 3_000) {
        const [response, ms] = await timed(
          user.post('/orders', { product_name: 'Locked', amount: 1 }),
        );
        expect(response.status).toBe(503);
        expect(response.headers['retry-after']).toMatch(/^[1-9]\d*$/);
        rejections.push(ms);
      }
      return rejections;
    };
    const [rejections] = await Promise.all([
      Promise.all([write(), write(), write()]).then((all) => all.flat()),
      watch(),
    ]);
    // It is sent while the file is locked, and executed when the lock is released.
    const release = async () => {
      await delay(200);
      await other?.end();
      other = undefined;
    };
    await repeatIfStalled(async () => {
      other ??= await lock();
      const [order] = await Promise.allSettled([
        user.placeOrder({ product_name: 'Waiting', amount: 1 }),
        release(),
      ]);
      expect(order).toMatchObject({ status: 'fulfilled', value: { product_name: 'Waiting' } });
    });

    latencies.sort((a, b) => a - b);
    const slowest = latencies.at(-1)!;
    note(
      `file locked for 8 s: ${latencies.length} health checks, the slowest ${slowest.toFixed()} ms; ` +
        `${rejections.length} writes rejected after ${Math.min(...rejections).toFixed()} to ` +
        `${Math.max(...rejections).toFixed()} ms`,
    );
    expect(slowest).toBeLessThan(1_500); // the busy timeout of SQLite would block for 2 s and more
    expect(rejections.length).toBeGreaterThan(0);
    expect(Math.max(...rejections)).toBeLessThan(4_000);
    await waitUntil(async () => (await user.order(id)).status === 'completed');
  });
});
