/**
 * Compares openapi.json with docs/openapi-announced.json, the contract that was last announced to clients,
 * and fails when it has breaking changes. With `--write`, openapi.json becomes the announced contract;
 * breaking changes then require a higher major version.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { breakingChanges } from './breaking-changes.js';

const ANNOUNCED = new URL('../../docs/openapi-announced.json', import.meta.url);
const CURRENT = new URL('../../openapi.json', import.meta.url);

const source = readFileSync(CURRENT, 'utf8');
const current = JSON.parse(source);
const announced = existsSync(ANNOUNCED) ? JSON.parse(readFileSync(ANNOUNCED, 'utf8')) : undefined;
const changes = announced ? breakingChanges(announced, current) : [];
const isWriting = process.argv.includes('--write');

/** @param {{ info: { version: string } }} document */
function majorOf({ info }) {
  return Number.parseInt(info.version, 10);
}

if (changes.length > 0 && !(isWriting && majorOf(current) > majorOf(announced))) {
  const advice = isWriting
    ? `Raise the major version above ${announced.info.version} (version in package.json).`
    : 'Keep clients working, or announce the change as CONTRIBUTING.md describes.';
  process.stderr.write(`openapi.json breaks clients:\n- ${changes.join('\n- ')}\n${advice}\n`);
  process.exitCode = 1;
} else if (isWriting) {
  writeFileSync(ANNOUNCED, source);
  process.stdout.write(`Version ${current.info.version} is the announced contract\n`);
} else if (!announced) {
  process.stderr.write('No contract has been announced yet: run npm run openapi:announce\n');
  process.exitCode = 1;
}
