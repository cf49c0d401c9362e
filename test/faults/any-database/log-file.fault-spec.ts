import { existsSync, readFileSync, renameSync } from 'node:fs';
import { HttpLoad } from '../../support/http-load';
import { ServerFleet } from '../../support/server-fleet';
import { waitUntil } from '../../support/wait-until';

describe('the log file of a server', () => {
  const fleet = ServerFleet.forEachTest({ LOG_FILE: 'api.log' });

  it('is begun anew on SIGHUP after it was renamed, without losing a line', async () => {
    const server = await fleet.start();
    const load = new HttpLoad({
      clients: 8,
      next: () => ({ url: server.api.url, method: 'GET', path: '/' }),
    });
    const rotated = [1, 2, 3].map((number) => `${fleet.logFile}.${number}`);
    for (const name of rotated) {
      const before = load.outcomes.length;
      await waitUntil(() => load.outcomes.length >= before + 50);
      renameSync(fleet.logFile, name);
      server.process.kill('SIGHUP');
      await waitUntil(() => existsSync(fleet.logFile));
    }
    await load.stop();
    expect(await server.stop()).toEqual({ code: 0, signal: null });

    const logged = [...rotated, fleet.logFile]
      .map((name) => readFileSync(name, 'utf8'))
      .join('')
      .split('\n');
    const ids = new Set(logged.flatMap((line) => /"request_id":"([^"]+)"/.exec(line)?.[1] ?? []));
    expect(load.outcomes.length).toBeGreaterThan(150);
    expect(load.outcomes.filter(({ requestId }) => !ids.has(requestId))).toEqual([]);
  });

  it('may be missing: SIGHUP does not end a server that logs to stdout only', async () => {
    const server = await fleet.start({ LOG_FILE: '' });
    server.process.kill('SIGHUP');
    await waitUntil(() => server.process.output.join().includes('SIGHUP: there is no log file'));
    await server.api.get('/').expect(200);
  });
});
