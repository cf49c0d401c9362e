import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerFleet } from '../../support/server-fleet';
import { createFolder } from '../../support/server-process';
import { TestApp } from '../../support/test-app';

/** strace exists only on Linux, and works only where tracing is permitted. */
const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const whereTraceable = canTrace ? describe : describe.skip;

describe('an acknowledged order on SQLite', () => {
  it('fault 16: is in a write-ahead log that is synced at each commit', async () => {
    const app = await TestApp.start();
    try {
      const FULL = 2; // https://www.sqlite.org/pragma.html#pragma_synchronous
      expect(await app.dataSource.query('PRAGMA synchronous')).toEqual([{ synchronous: FULL }]);
      expect(await app.dataSource.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    } finally {
      await app.stop();
    }
  });
});

whereTraceable('the response to a new order on SQLite', () => {
  it('fault 16: is sent after the order has been synced', async () => {
    const fleet = await ServerFleet.create({ PROCESSING_ENABLED: 'false' });
    const folder = await createFolder();
    const trace = join(folder.path, 'trace.txt');
    try {
      const calls = 'trace=read,write,writev,sendto,sendmsg,fsync,fdatasync';
      const server = await fleet.start(
        {},
        // With -D strace is a grandchild, and the server remains the child that receives signals.
        {
          tracer: [
            'strace',
            '-D',
            '-f',
            '--seccomp-bpf',
            '-y',
            '-s',
            '40',
            '-e',
            calls,
            '-o',
            trace,
          ],
        },
      );
      const user = await server.api.signUp();
      await user.placeOrders(5);
      await server.stop();

      const lines = (await readFile(trace, 'utf8')).split('\n');
      const orders = eventsOf(lines).filter(isPartOfAnOrder());
      expect(orders).toEqual(
        Array.from({ length: 5 }, () => ['request', 'synced', 'response'] as const).flat(),
      );
    } finally {
      await fleet.dispose();
      await folder.remove();
    }
  });
});

type Event = 'request' | 'synced' | 'response';

/** The events of a trace that concern orders, in order of time. */
function eventsOf(lines: readonly string[]): Event[] {
  const syncing = new Set<string>();
  return lines.flatMap((line): Event[] => {
    const thread = line.split(' ', 1)[0]!;
    if (/ (fsync|fdatasync)\(\d+<[^>]*-wal>/.test(line)) {
      if (line.endsWith('= 0')) return ['synced'];
      syncing.add(thread); // "<unfinished ...>"
    } else if (/<\.\.\. (fsync|fdatasync) resumed>.*= 0$/.test(line)) {
      return syncing.delete(thread) ? ['synced'] : [];
    } else if (line.includes('"POST /orders ')) {
      return ['request'];
    } else if (line.includes('"HTTP/1.1 201 ')) {
      return ['response'];
    }
    return [];
  });
}

/** Accepts the events of one request after another; additional syncs are ignored. */
function isPartOfAnOrder(): (event: Event) => boolean {
  let last: Event | undefined;
  return (event) => {
    const isFirst = event === 'request' || (last !== undefined && event !== last);
    const isStray = last === 'response' && event === 'synced';
    if (!isFirst || isStray) return false;
    last = event;
    return true;
  };
}
