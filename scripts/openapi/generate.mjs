/**
 * Generates the OpenAPI document from the routes of the build, and other files from the document. With
 * `--check`, writes nothing, and fails when a file is not up to date.
 */
import { readFile, writeFile } from 'node:fs/promises';
import openapiTypes, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { describeBuild } from './document.mjs';
import { toPostmanCollection } from './postman.mjs';
import { withProblemTable } from './problem-table.mjs';

const ROOT = new URL('../../', import.meta.url);

const document = await describeBuild();
const generated = {
  'openapi.json': JSON.stringify(document),
  'docs/postman/order-management-api.postman_collection.json': JSON.stringify(
    await toPostmanCollection(document),
  ),
  'examples/client/schema.d.ts': astToString(await openapiTypes(document)),
  'docs/errors.md': withProblemTable(await readFile(new URL('docs/errors.md', ROOT), 'utf8')),
};

/** @param {string} file relative to the root of the project */
async function read(file) {
  try {
    return await readFile(new URL(file, ROOT), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const isCheck = process.argv.includes('--check');
for (const [file, source] of Object.entries(generated)) {
  const { pathname } = new URL(file, ROOT);
  const content = await format(source, { ...(await resolveConfig(pathname)), filepath: pathname });
  if ((await read(file)) === content) continue;
  if (isCheck) {
    process.stderr.write(`${file} is not up to date: run npm run openapi\n`);
    process.exitCode = 1;
  } else {
    await writeFile(new URL(file, ROOT), content);
    process.stdout.write(`${file} was written\n`);
  }
}
