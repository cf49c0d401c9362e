import { ServerFleet } from '../../support/server-fleet';

describe('a server that receives a signal', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  it.each<NodeJS.Signals>([
    'SIGSEGV',
    'SIGBUS',
    'SIGFPE',
    'SIGILL',
    'SIGTRAP',
    'SIGABRT',
    'SIGUSR2',
  ])('is ended at once by %s, which does not request a shutdown', async (signal) => {
    const server = await fleet.start();
    expect(await server.stop(signal)).toEqual({ code: null, signal });
    expect(server.process.output.join()).not.toContain('Shutdown begins');
  });

  it.each<NodeJS.Signals>(['SIGTERM', 'SIGINT', 'SIGQUIT'])(
    'shuts down on %s, and logs that',
    async (signal) => {
      const server = await fleet.start();
      expect(await server.stop(signal)).toEqual({ code: 0, signal: null });
      expect(server.process.output.join()).toContain(`Shutdown begins: ${signal}`);
      expect(server.process.output.join()).toContain('Shutdown is complete');
    },
  );
});
