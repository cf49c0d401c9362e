import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServerFleet } from './support/server-fleet';
import { waitUntil } from './support/wait-until';

/** `npm run test:clients` tries more generators, and downloads them. */
const GENERATORS = process.env['GENERATORS'] ?? '@hey-api/openapi-ts';

const TRY = join(__dirname, 'generated-clients', 'try.mjs');

const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

describe('A client generated from openapi.json', () => {
  const fleet = ServerFleet.forSuite({ PROCESSING_ENABLED: 'false' });

  it.each(GENERATORS.split(','))(
    'by %s compiles in strict mode, registers a user, and places and cancels an order',
    async (generator) => {
      const { api } = await fleet.start();
      const { stdout } = await tryGenerator(generator, api.url, {}, 280_000);
      expect(JSON.parse(stdout)).toMatchObject({
        amount: 999.99,
        status: 'cancelled',
        cancel_reason: 'Ordered twice',
      });
    },
    300_000,
  );

  describeOnLinux('by a generator that hangs', () => {
    const mark = { TRIED_BY: randomUUID() };
    const marked = async () => {
      const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      const environments = processes.map((pid) =>
        readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
      );
      const all = await Promise.all(environments);
      return all.filter((environment) => environment.includes(mark.TRIED_BY)).length;
    };

    it('is killed with its children after the time limit', async () => {
      const limit = { ...mark, COMMAND_LIMIT_MS: '300' };
      const run = tryGenerator('@hey-api/openapi-ts', 'http://127.0.0.1:1', limit, 60_000);
      await expect(run).rejects.toThrow('took longer than 300 ms');
      await waitUntil(async () => (await marked()) === 0);
    });

    it('is killed with its children on SIGTERM', async () => {
      const run = tryGenerator('@hey-api/openapi-ts', 'http://127.0.0.1:1', mark, 60_000);
      run.catch(() => undefined); // awaited below
      await waitUntil(async () => (await marked()) > 1);
      run.child.kill('SIGTERM');
      await expect(run).rejects.toThrow('was stopped');
      await waitUntil(async () => (await marked()) === 0);
    });
  });
});

function tryGenerator(
  generator: string,
  url: string,
  environment: Record<string, string>,
  timeout: number,
) {
  return promisify(execFile)(process.execPath, [TRY, generator, url], {
    env: { ...process.env, ...environment },
    timeout,
  });
}
