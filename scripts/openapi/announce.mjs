/**
 * Compares openapi.json with docs/openapi-announced.json, the contract that clients were last told
 * about, and fails when it breaks them. With `--write` openapi.json becomes the announced one, which
 * a breaking change allows only under a higher major version.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { breakingChanges } from './breaking-changes.js';

const ANNOUNCED = new URL('../../docs/openapi-announced.json', import.meta.url);
const CURRENT = new URL('../../openapi.json', import.meta.url);

const text = readFileSync(CURRENT, 'utf8');
const current = JSON.parse(text);
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
    : 'Keep them working, or announce the change: CONTRIBUTING.md tells how.';
  process.stderr.write(`openapi.json breaks clients:\n- ${changes.join('\n- ')}\n${advice}\n`);
  process.exitCode = 1;
} else if (isWriting) {
  writeFileSync(ANNOUNCED, text);
  process.stdout.write(`Version ${current.info.version} is the announced contract\n`);
} else if (!announced) {
  process.stderr.write('No contract was announced yet: run npm run openapi:announce\n');
  process.exitCode = 1;
}
