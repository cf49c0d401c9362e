import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectProblem } from '../../support/api-client';
import { ServerFleet } from '../../support/server-fleet';
import { TestApp } from '../../support/test-app';

/** strace exists only on Linux, and works only where tracing is permitted. */
const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const whereTraceable = canTrace ? describe : describe.skip;

const CLIENTS = 16;
const ORDERS_PER_CLIENT = 5;
const PLACED = { product_name: 'Laptop', amount: 1 };

describe('an acknowledged order on SQLite', () => {
  const app = TestApp.forEachTest();

  it('fault 16: is in a write-ahead log that is synced at each commit', async () => {
    const FULL = 2; // https://www.sqlite.org/pragma.html#pragma_synchronous
    expect(await app.dataSource.query('PRAGMA synchronous')).toEqual([{ synchronous: FULL }]);
    expect(await app.dataSource.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
  });

  it('fault 15: exists when the disk became full among concurrent requests, and no other does', async () => {
    const user = await app.api.signUp();
    const [{ page_count: pages }] =
      await app.dataSource.query<[{ page_count: number }]>('PRAGMA page_count');
    await app.dataSource.query(`PRAGMA max_page_count = ${pages + 2}`);
    const acknowledged: number[] = [];
    let rejected = 0;
    const product = { product_name: 'x'.repeat(200), amount: 1 };
    for (let round = 0; round < 20 && rejected === 0; round++) {
      const responses = await Promise.all(
        Array.from({ length: CLIENTS }, () => user.post('/orders', product)),
      );
      for (const response of responses) {
        if (response.status === 201) {
          acknowledged.push(response.body.id);
        } else {
          expectProblem(response, 503, 'service_unavailable');
          rejected++;
        }
      }
    }
    expect(rejected).toBeGreaterThan(0);
    expect(await idsOf(app.dataSource)).toEqual(acknowledged.toSorted((a, b) => a - b));
    await app.dataSource.query('PRAGMA max_page_count = 1073741823');
    await user.placeOrder();
  });
});

whereTraceable('the responses to new orders on SQLite', () => {
  let fleet: ServerFleet;

  const prepareFleet = async () => {
    fleet = await ServerFleet.create({ PROCESSING_ENABLED: 'false' });
  };

  beforeEach(prepareFleet);

  afterEach(() => fleet.dispose());

  /** Starts a server under strace, and returns its trace after the work. */
  async function trace<T>(
    expressions: readonly string[],
    work: (server: Awaited<ReturnType<ServerFleet['start']>>) => Promise<T>,
  ): Promise<[lines: string[], result: T]> {
    const file = join(fleet.folder, 'trace.txt');
    // With -D strace is a grandchild, and the server remains the child that receives signals.
    const strace = ['strace', '-D', '-f', '--seccomp-bpf', '-y', '-s', '40', '-o', file];
    const tracer = [...strace, ...expressions.flatMap((expression) => ['-e', expression])];
    const server = await fleet.start({}, { tracer });
    const result = await work(server);
    await server.stop();
    return [(await readFile(file, 'utf8')).split('\n'), result];
  }

  it('fault 16: are sent after the orders have been synced', async () => {
    const calls = 'trace=read,write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync';
    const [lines] = await trace([calls], async (server) => {
      const user = await server.api.signUp();
      const client = async () => {
        for (let n = 0; n < ORDERS_PER_CLIENT; n++) await user.placeOrder();
      };
      await Promise.all(Array.from({ length: CLIENTS }, client));
    });
    const events = eventsOf(lines);
    const first = events.findIndex(({ kind }) => kind === 'request');
    const last = events.findLastIndex(({ kind }) => kind === 'response');
    const ofOrders = events.slice(first, last + 1);
    const requestedAt = new Map<string, number>();
    let syncedAt = -1;
    let isDirty = false;
    const violations: string[] = [];
    ofOrders.forEach(({ kind, socket }, index) => {
      if (kind === 'request') requestedAt.set(socket, index);
      if (kind === 'written') isDirty = true;
      if (kind === 'synced') {
        syncedAt = index;
        isDirty = false;
      }
      if (kind === 'response' && (isDirty || syncedAt < requestedAt.get(socket)!)) {
        violations.push(`response ${index} on ${socket}`);
      }
    });
    expect(violations).toEqual([]);
    const count = (wanted: Event['kind']) => ofOrders.filter(({ kind }) => kind === wanted).length;
    expect(count('response')).toBe(CLIENTS * ORDERS_PER_CLIENT);
    expect(count('synced')).toBeLessThan(CLIENTS * ORDERS_PER_CLIENT); // one for several orders
  });

  it('fault 16: are errors when the sync fails, and the orders are not kept', async () => {
    // On a database of its own, how often a server syncs until the user has signed up.
    const calls = 'trace=fsync,fdatasync,write,writev';
    const [lines] = await trace([calls], (server) => server.api.signUp());
    const signedUp = lines.findLastIndex((line) => line.includes('"HTTP/1.1 20'));
    expect(signedUp).toBeGreaterThan(0);
    const before = lines
      .slice(0, signedUp)
      .filter((line) => / (fsync|fdatasync)\(/.test(line)).length;
    await fleet.dispose();
    await prepareFleet();
    const inject = `inject=fsync,fdatasync:error=EIO:when=${before + 6}..${before + 8}`;
    const [, { acknowledged, rejected }] = await trace(
      ['trace=fsync,fdatasync', inject],
      async (server) => {
        const user = await server.api.signUp();
        const statuses = { acknowledged: [] as number[], rejected: 0 };
        const client = async () => {
          for (let n = 0; n < ORDERS_PER_CLIENT * 4; n++) {
            const response = await user.post('/orders', PLACED);
            if (response.status === 201) {
              statuses.acknowledged.push(response.body.id);
            } else {
              expectProblem(response, 503, 'service_unavailable');
              statuses.rejected++;
            }
          }
        };
        await Promise.all(Array.from({ length: CLIENTS }, client));
        return statuses;
      },
    );
    expect(rejected).toBeGreaterThan(0);
    expect(acknowledged.length).toBeGreaterThan(0);
    await fleet.inspect(async (database) => {
      expect(await idsOf(database)).toEqual(acknowledged.toSorted((a, b) => a - b));
    });
  });
});

async function idsOf(database: { query<T>(sql: string): Promise<T> }): Promise<number[]> {
  const rows = await database.query<{ id: number }[]>('SELECT id FROM orders ORDER BY id');
  return rows.map(({ id }) => id);
}

interface Event {
  readonly kind: 'request' | 'written' | 'synced' | 'response';
  /** The file descriptor of a request or response. */
  readonly socket: string;
}

/** The events of a trace that concern orders, in order of time. */
function eventsOf(lines: readonly string[]): Event[] {
  const syncing = new Set<string>();
  return lines.flatMap((line): Event[] => {
    const thread = line.split(' ', 1)[0]!;
    const socket = /\((\d+)</.exec(line)?.[1] ?? '';
    if (/ (fsync|fdatasync)\(\d+<[^>]*-wal>/.test(line)) {
      if (line.endsWith('= 0')) return [{ kind: 'synced', socket }];
      syncing.add(thread); // "<unfinished ...>"
    } else if (/<\.\.\. (fsync|fdatasync) resumed>.*= 0$/.test(line)) {
      return syncing.delete(thread) ? [{ kind: 'synced', socket }] : [];
    } else if (/ pwrite64\(\d+<[^>]*-wal>/.test(line)) {
      return [{ kind: 'written', socket }];
    } else if (line.includes('"POST /orders ')) {
      return [{ kind: 'request', socket }];
    } else if (line.includes('"HTTP/1.1 201 ')) {
      return [{ kind: 'response', socket }];
    }
    return [];
  });
}
