import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESTART_SECONDS, pathsOf, waitUntilSettled } from '../../support/history-checker';
import { ServerFleet } from '../../support/server-fleet';
import { createFolder } from '../../support/server-process';
import { SupervisedServer } from '../../support/supervised-server';
import { waitUntil } from '../../support/wait-until';

describe('An uncaught error', () => {
  const fleet = ServerFleet.forEachTest();

  it.each([
    ['throws where nothing catches it', 'uncaughtException'],
    ['rejects where nothing catches it', 'unhandledRejection'],
  ])('of a step that %s is logged, and ends the process by a shutdown', async (fault, origin) => {
    const server = await fleet.startFaulty({ PROCESSING_MAX_ATTEMPTS: '5' });
    const user = await server.api.signUp();
    const placed = await user.post('/orders', { product_name: fault, amount: 1 }).expect(201);
    const { id } = placed.body as { id: number };

    expect(await server.process.exit).toEqual({ code: 1, signal: null });
    expect(fatalLines(server.process.output)).toMatchObject([
      {
        msg: 'An error was not caught, shutting down',
        origin,
        request_id: placed.headers['x-request-id'],
        err: { message: 'nothing catches this' },
      },
    ]);
    await fleet.inspect(async (database) => {
      const [order] = (await database.query(
        `SELECT status, attempts, runs_alone FROM orders WHERE id = ${id}`,
      )) as object[];
      // Released, not left to its lease. It may be the cause, so the attempt counts.
      expect(order).toEqual({ status: 'pending', attempts: 1, runs_alone: 1 });
    });
  });

  it('fault 22: fails the order whose attempts cause it after the last one, and no other', async () => {
    const server = await SupervisedServer.start(() =>
      fleet.startFaulty({ PROCESSING_MAX_ATTEMPTS: '2' }),
    );
    try {
      const user = await server.current.api.signUp();
      const product_name = 'throws where nothing catches it';
      const { id } = await user.placeOrder({ product_name, amount: 1 });
      const others = [await user.placeOrder(), await user.placeOrder()];
      await fleet.inspect(async (database) => {
        await waitUntilSettled(database, 200_000, RESTART_SECONDS);
        const paths = await pathsOf(database);
        expect(paths.get(id)).toEqual(['pending', 'processing', 'pending', 'processing', 'failed']);
        for (const other of others) expect(paths.get(other.id)?.at(-1)).toBe('completed');
      });
    } finally {
      await server.stop();
    }
  });

  it('is logged ten times when code throws repeatedly until the process ends', async () => {
    const server = await fleet.startFaulty({ FULFILMENT_DELAY_MS: '1000' });
    const user = await server.api.signUp();
    await user.placeOrder({ product_name: 'throws again and again', amount: 1 });

    expect(await server.process.exit).toEqual({ code: 1, signal: null });
    const fatal = fatalLines(server.process.output);
    expect(fatal).toHaveLength(11);
    expect(fatal.at(-1)).toMatchObject({
      msg: 'Further errors were not caught, and are not logged',
    });
  });
});

describe('An error while the server starts', () => {
  const fleet = ServerFleet.forEachTest();

  it.each([
    ['throws where nothing catches it', 'An error was not caught, shutting down'],
    ['rejects where nothing catches it', 'An error was not caught, shutting down'],
    ['throws an error', 'The server could not start: poison'],
  ])('that %s is logged as fatal, and ends the process', async (fault, msg) => {
    const start = fleet.startFaulty({ FAULT_AT_START: fault });
    const output = await start.then(
      () => [],
      ({ message }: Error) => message.split('\n').slice(1),
    );
    expect(fatalLines(output)).toMatchObject([{ msg }]);
  });
});

/** The lines of the level fatal. */
function fatalLines(output: readonly string[]): object[] {
  return output
    .filter((line) => line.includes('"level":"fatal"'))
    .map((line) => JSON.parse(line) as object);
}

const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

describeOnLinux('A log that cannot be written to', () => {
  it('loses lines, and the server continues, when stdout is a full disk', async () => {
    const folder = await createFolder();
    const fleet = await ServerFleet.create({ LOG_FILE: join(folder.path, 'api.log') });
    try {
      const file = join(folder.path, 'api.log');
      const log = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
      const server = await fleet.start({}, { stdout: openSync('/dev/full', 'w'), log });
      await server.api.get('/').expect(200);
      await waitUntil(() =>
        server.process.output.some((line) => line.includes('Cannot write to stdout')),
      );
      await server.api.get('/').expect(200);
      expect(server.process.hasExited).toBe(false);
    } finally {
      await fleet.dispose();
      await folder.remove();
    }
  });

  it('does not keep the process from ending, when the disk is full', async () => {
    const fleet = await ServerFleet.create({ LOG_FILE: '/dev/full' });
    try {
      const server = await fleet.startFaulty();
      const user = await server.api.signUp();
      await user.placeOrder({ product_name: 'throws where nothing catches it', amount: 1 });
      await waitUntil(() => server.process.hasExited, { deadlineMs: 25_000 });
      expect(await server.process.exit).toEqual({ code: 1, signal: null });

      const other = await fleet.start({ PROCESSING_ENABLED: 'false' });
      other.process.kill('SIGTERM');
      await waitUntil(() => other.process.hasExited, { deadlineMs: 25_000 });
      expect(await other.process.exit).toEqual({ code: 0, signal: null });
    } finally {
      await fleet.dispose();
    }
  });
});
