import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { codeBlocksOf } from './guide';

const ROOT = join(__dirname, '..', '..');
const CATALOGUE = 'src/errors/problem-catalogue.ts';
const blocks = codeBlocksOf(join(ROOT, 'docs/modules.md'));
const run = promisify(execFile);

/** For one command of the guide; the slowest build and start the application. */
const DEADLINE_MS = 600_000;

/** Inserts an entry before the first one with a higher status. */
function withEntry(catalogue: string, entry: string): string {
  const status = /status: (\d+)/.exec(entry)?.[1] ?? '';
  const next = Array.from(catalogue.matchAll(/^ {2}\w+: \{\n {4}status: (\d+)/gm)).find(
    ([, other = '']) => Number(other) > Number(status),
  );
  if (!next) throw new Error(`The catalogue has no entry with a status above ${status}`);
  return catalogue.slice(0, next.index) + entry + catalogue.slice(next.index);
}

/** Follows `docs/modules.md` step by step, in a copy of the code base. */
describe('The guide to modules', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modules-guide-'));
    const { stdout } = await run('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
      cwd: ROOT,
    });
    for (const file of stdout.split('\0').filter(Boolean)) {
      await cp(join(ROOT, file), join(folder, file));
    }
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  }, DEADLINE_MS);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function edit(file: string, change: (source: string) => string): Promise<void> {
    const path = join(folder, file);
    const before = await readFile(path, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`${file} has no place for the lines of the guide`);
    await writeFile(path, after);
  }

  it('names a file for each block of TypeScript, and adds entries to two tables', async () => {
    for (const { language, file, code } of blocks) {
      if (file === CATALOGUE) {
        await edit(file, (source) => withEntry(source, code));
      } else if (language === 'ts') {
        const path = join(folder, file!);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, code);
      } else if (language === 'md') {
        await edit(file!, (source) =>
          source.replace(/^\| `GET \/orders\/\{id\}`.*\n/m, (row) => row + code),
        );
      }
    }
  });

  it('quotes the lines to add to three files', async () => {
    const guide = await readFile(join(ROOT, 'docs/modules.md'), 'utf8');
    const quoted = (start: string) => {
      const [, quote] = new RegExp(`\`(${start}[^\`]*)\``).exec(guide) ?? [];
      if (!quote) throw new Error(`The guide does not quote ${start}`);
      return quote;
    };
    await edit('src/app.module.ts', (source) =>
      source
        .replace(/^import .*OrdersModule.*\n/m, (line) => {
          return `import { NotesModule } from './notes/notes.module';\n${line}`;
        })
        .replace(/^ *HealthModule,\n/m, (line) => `${line}${quoted('NotesModule,')}\n`),
    );
    await edit('src/openapi/openapi.ts', (source) =>
      source.replace(
        /(?:^ *\.addTag\(.*\n)+/m,
        (tags) => `${tags}${quoted(String.raw`\.addTag`)}\n`,
      ),
    );
    await edit('.dependency-cruiser.js', (source) =>
      source.replace(/^const FEATURES = \{\n/m, (line) => `${line}  ${quoted('notes:')}\n`),
    );
  });

  const commands = blocks
    .filter(({ language }) => language === 'bash')
    .flatMap(({ code }) => code.trim().split('\n'));

  it.each([...commands, 'npm run typecheck', 'npm run openapi:compatible'])(
    'passes %s',
    async (command) => {
      const execution = run('bash', ['-c', command], {
        cwd: folder,
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
        maxBuffer: 1 << 24,
        timeout: DEADLINE_MS,
      });
      await execution.catch(({ stdout, stderr }: Record<string, string>) => {
        throw new Error(`${command} failed:\n${stdout}\n${stderr}`);
      });
    },
    DEADLINE_MS + 5_000,
  );
});
