import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ServerProcess } from './server-process';
import { SupervisedServer } from './supervised-server';

describe('SupervisedServer', () => {
  /** A server whose process has ended. */
  const ended = { process: { exit: Promise.resolve() }, stop: () => Promise.resolve() };

  it('reports a server that does not start again when it is stopped', async () => {
    const starts = [Promise.resolve(ended as unknown as ServerProcess)];
    const server = await SupervisedServer.start(
      () => starts.shift() ?? Promise.reject(new Error('no port is free')),
    );
    await nextTurn(); // an unhandled rejection would fail the test
    await expect(server.stop()).rejects.toThrow('no port is free');
    expect(server.ends).toBe(1);
  });
});
