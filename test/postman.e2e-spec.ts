import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BuildProcess, ServerProcess, createFolder } from './support/server-process';
import { type TestDatabase, createTestDatabase } from './support/test-database';

const ROOT = join(__dirname, '..');
const COLLECTION = join(ROOT, 'docs/postman/order-management-api.postman_collection.json');

describe('The Postman collection', () => {
  let database: TestDatabase;
  let folder: Awaited<ReturnType<typeof createFolder>>;
  let server: ServerProcess;

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await createFolder();
    server = await ServerProcess.start(folder.path, database.environment);
  });

  afterAll(async () => {
    await server.stop();
    await database.drop();
    await folder.remove();
  });

  /** Fails when the collection does. */
  const run = (...args: string[]) => {
    const baseUrl = `baseUrl=${server.api.url}`;
    const newman = [join(ROOT, 'node_modules/newman/bin/newman.js'), 'run', COLLECTION];
    return promisify(execFile)(process.execPath, [...newman, '--env-var', baseUrl, ...args]);
  };

  it('runs from top to bottom, and leaves out what only admins may do', async () => {
    const { stdout } = await run();
    expect(stdout).toMatch(/POST .*\/auth\/login \[200 OK/);
    expect(stdout).not.toMatch(/\/admin\/\S* \[/);
  });

  it('runs as a whole with the token of an admin', async () => {
    const admin = await server.api.signUp();
    const args = [admin.email];
    await new BuildProcess('users/promote-user.js', folder.path, database.environment, args).exit;
    const { stdout } = await run('--env-var', `adminToken=${admin.token}`);
    expect(stdout).toMatch(/POST .*\/admin\/processing\/runs \[202 Accepted/);
  });
});
