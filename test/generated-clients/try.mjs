/**
 * Generates a client from openapi.json, compiles it together with a program that uses it, in strict
 * mode, and runs that program: `node try.mjs <generator> <URL of the API>`. What the program prints
 * is the order that it has cancelled.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCUMENT = join(ROOT, 'openapi.json');
const ARTIFACTS = join(ROOT, 'artifacts');

/** How each generator is called, in the folder that it writes to. */
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

/** Runs a command to its end; without tools of the project, npx downloads them. */
async function run(command, ...args) {
  try {
    return (await promisify(execFile)(command, args)).stdout;
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout}${error.stderr}`, {
      cause: error,
    });
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
