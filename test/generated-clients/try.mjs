/**
 * Generates a client from openapi.json, compiles it together with a program that uses it, in strict
 * mode, and runs that program: `node try.mjs <generator> <URL of the API>`. The program prints the order
 * that it has cancelled.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCUMENT = join(ROOT, 'openapi.json');
const ARTIFACTS = join(ROOT, 'artifacts');

/** Runs each generator in the folder of its output. */
const GENERATORS = {
  '@hey-api/openapi-ts': () => npx('openapi-ts', '-i', DOCUMENT, '-o', 'generated'),
  'openapi-typescript': () => npx('openapi-typescript', DOCUMENT, '-o', 'generated.d.ts'),
  orval: async (url) => {
    const api = {
      input: DOCUMENT,
      output: { target: 'generated.ts', client: 'fetch', baseUrl: url },
    };
    await writeFile('orval.config.cjs', `module.exports = ${JSON.stringify({ api })};`);
    await npx('--package=orval@7.13.2', 'orval', '--config', './orval.config.cjs');
  },
  'swagger-typescript-api': () =>
    npx(
      '--package=swagger-typescript-api@13.13.0',
      'swagger-typescript-api',
      'generate',
      `--path=${DOCUMENT}`,
      '--output=.',
      '--name=generated.ts',
    ),
};

const COMPILER_OPTIONS = {
  target: 'es2023',
  lib: ['es2023', 'dom', 'dom.iterable'],
  module: 'nodenext',
  strict: true,
  noUncheckedIndexedAccess: true,
  types: ['node'],
  outDir: 'js',
};

/** The time limit of one command, in milliseconds. Some commands are downloaded first. */
const LIMIT_MS = Number(process.env.COMMAND_LIMIT_MS ?? 120_000);

/** Kills the running command, if there is one. */
let endCommand = () => {};

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.once(signal, () => {
    endCommand();
    process.exitCode = 1; // the killed command fails, and the folder is removed
  });
}

/** Runs a command within the time limit. npx downloads a tool that is not installed. */
async function run(command, ...args) {
  // The leader of a process group, so that the children of npx are killed with it.
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let why = '';
  endCommand = (reason = 'was stopped') => {
    why ||= reason;
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // the process has exited
    }
  };
  const limit = setTimeout(() => endCommand(`took longer than ${LIMIT_MS} ms`), LIMIT_MS);
  try {
    const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
    const [[code], [stdout, stderr]] = await Promise.all([once(child, 'close'), outputs]);
    if (code === 0) return stdout;
    throw new Error(`${command} ${args.join(' ')} ${why || 'failed'}\n${stdout}${stderr}`);
  } finally {
    clearTimeout(limit);
    endCommand();
    endCommand = () => {};
  }
}

const npx = (...args) => run('npx', '--yes', ...args);

const [generator, url] = process.argv.slice(2);
await mkdir(ARTIFACTS, { recursive: true });
const folder = await mkdtemp(join(ARTIFACTS, 'client-'));
try {
  process.chdir(folder);
  const flow = `${generator.replaceAll(/\W+/g, '-').replace(/^-/, '')}.ts`;
  await copyFile(new URL(`flows/${flow}`, import.meta.url), 'flow.ts');
  await writeFile('package.json', '{ "type": "module" }');
  const settings = { compilerOptions: COMPILER_OPTIONS, files: ['flow.ts'] };
  await writeFile('tsconfig.json', JSON.stringify(settings));
  await GENERATORS[generator](url);
  await npx('tsc');
  process.stdout.write(await run(process.execPath, 'js/flow.js', url));
} finally {
  await rm(folder, { recursive: true, force: true });
}
