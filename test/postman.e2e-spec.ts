import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NEVER } from './support/cron';
import { ServerFleet } from './support/server-fleet';
import type { ServerProcess } from './support/server-process';

const ROOT = join(__dirname, '..');
const COLLECTION = join(ROOT, 'docs/postman/order-management-api.postman_collection.json');

describe('The Postman collection', () => {
  // The tour cancels an order, which the job must not claim before.
  const fleet = ServerFleet.forSuite({ PROCESSING_CRON: NEVER });
  let server: ServerProcess;

  beforeAll(async () => {
    server = await fleet.start();
  });

  /** Fails when the collection does. */
  const run = (...args: string[]) => {
    const baseUrl = `baseUrl=${server.api.url}`;
    const newman = [join(ROOT, 'node_modules/newman/bin/newman.js'), 'run', COLLECTION];
    return promisify(execFile)(process.execPath, [...newman, '--env-var', baseUrl, ...args]);
  };

  it('runs from top to bottom, and skips the operations of admins', async () => {
    const { stdout } = await run();
    expect(stdout).toMatch(/POST .*\/auth\/login \[200 OK/);
    expect(stdout).not.toMatch(/\/admin\/\S* \[/);
  });

  it('runs completely with the token of an admin', async () => {
    const { token } = await fleet.signUpAdmin(server.api);
    const { stdout } = await run('--env-var', `adminToken=${token}`);
    expect(stdout).toMatch(/POST .*\/admin\/processing\/runs \[202 Accepted/);
  });
});
