import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { keepStatements } from './keep-statements';

const BUILT = join(__dirname, '../../../dist/src/database/sqlite/keep-statements.js');

/** Drops executed statements, and allocates enough for several garbage collections. */
const SCRIPT = `
  require('${BUILT}').keepStatements();
  const database = new (require('better-sqlite3'))(':memory:');
  for (let n = 0; n < 2_000; n++) database.prepare('SELECT ' + n).get();
  let rounds = 0;
  const timer = setInterval(() => {
    Array.from({ length: 20_000 }, (_, n) => ({ n }));
    if (++rounds === 50) clearInterval(timer);
  }, 1);`;

describe('keepStatements', () => {
  it('lets a process survive garbage collections on every release', async () => {
    const { stderr } = await promisify(execFile)(process.execPath, ['-e', SCRIPT]);
    expect(stderr).toBe('');
  });

  it.each(['v20.20.2', 'v24.18.1', 'v24.22.0', 'v25.0.0'])('keeps none on %s', (version) => {
    expect(keepStatements(version)).toBeUndefined();
  });

  it.each(['v24.19.0', 'v24.21.0'])('keeps those of all databases on %s', (version) => {
    const kept = keepStatements(version)!;
    const database = new Database(':memory:');
    const before = kept.size;
    expect(database.pragma('user_version')).toEqual([{ user_version: 0 }]);
    expect(kept.size).toBeGreaterThan(before);
    database.close();
  });
});
