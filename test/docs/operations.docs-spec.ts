import { execFile, spawnSync } from 'node:child_process';
import { copyFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NEVER } from '../support/cron';
import { ServerProcess, createFolder } from '../support/server-process';
import { type TestDatabase, createPostgresDatabase } from '../support/test-database';
import { codeBlocksOf } from './guide';

const ROOT = join(__dirname, '..', '..');
const hasCommandLine = spawnSync('sqlite3', ['--version']).status === 0;

/** The lines of a guide that run a command on the database. */
const commandsOf = (guide: string) =>
  codeBlocksOf(join(ROOT, guide))
    .filter(({ language }) => language === 'bash')
    .flatMap(({ code }) => code.split('\n'))
    .filter((line) => /\bnpm run .*\b(cli|user:promote)\b|^sqlite3 /.test(line))
    .filter((line) => hasCommandLine || !line.startsWith('sqlite3 '));

const COPY = /copy-to-postgres/;
/** The database that orders are copied to. A restored dump is verified there, too. */
const DOCUMENTED_URL = /postgres:\/\/postgres@127\.0\.0\.1:5432\/orders(_restored)?(?= )/;

/** Runs the commands of the guides one after another, in a folder with the build. */
describe('The commands of the guides for operators', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  let server: ServerProcess | undefined;
  let postgres: TestDatabase | undefined;

  beforeAll(async () => {
    folder = await createFolder();
    await copyFile(join(ROOT, 'package.json'), join(folder.path, 'package.json'));
    await symlink(join(ROOT, 'dist'), join(folder.path, 'dist'));
    postgres = process.env['TEST_DATABASE_URL'] ? await createPostgresDatabase() : undefined;
  });

  afterAll(async () => {
    await server?.stop();
    await postgres?.drop();
    await folder.remove();
  });

  /** Runs a command as it is written, but for the address of PostgreSQL. */
  const run = (line: string) =>
    promisify(execFile)(
      'bash',
      ['-c', line.replace(DOCUMENTED_URL, postgres?.environment['DATABASE_URL'] ?? '')],
      { cwd: folder.path, env: { PATH: process.env['PATH'], HOME: process.env['HOME'] } },
    );

  const start = async () => {
    server = await ServerProcess.start(folder.path, { LOG_FILE: '', PROCESSING_CRON: NEVER });
  };

  it('succeed beside a server, and the copy to PostgreSQL without one', async () => {
    await start();
    await server!.api
      .post('/auth/register', { name: 'John', email: 'john@example.com', password: 'a password' })
      .expect(201);
    const commands = [...commandsOf('docs/operations.md'), ...commandsOf('README.md')];
    for (const name of ['--help', 'user:promote', 'user:demote', 'orders:export', 'backup --to']) {
      expect(commands.join('\n')).toContain(`cli -- ${name}`);
    }
    for (const line of commands) {
      if (DOCUMENTED_URL.test(line) && !postgres) continue;
      if (COPY.test(line)) {
        expect(line).toMatch(DOCUMENTED_URL);
        await server!.stop();
        await run(line);
        await start();
      } else {
        await run(line);
      }
    }
  }, 900_000);
});
