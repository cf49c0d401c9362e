import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { postgresVersion } from './databases';
import type { Options } from './options';

const ROOT = join(__dirname, '..', '..');

const PACKAGES = ['@nestjs/core', 'typeorm', 'better-sqlite3', 'pg'];

/** Where and when the results were measured, as pairs of a name and a value. */
export async function describeMachine(
  folder: string,
  { node, postgresUrl }: Options,
): Promise<[string, string][]> {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const packages = PACKAGES.map((name) => `${name} ${versionOf(name)}`);
  return [
    ['date', new Date().toISOString().slice(0, 10)],
    ['processors', `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown'}`],
    ['memory', `${memory} GiB`],
    ['kernel', output('uname', ['-sr'])],
    ['file system of the databases', output('stat', ['--file-system', '--format', '%T', folder])],
    ['Node.js', output(node, ['--version'])],
    ['SQLite', sqliteVersion(node)],
    ['PostgreSQL', postgresUrl ? await postgresVersion(postgresUrl) : 'not measured'],
    ['packages', packages.join(', ')],
  ];
}

/** Measured by this machine while others use it, rates and latencies are not comparable. */
export function loadAverage(): number {
  return Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
}

function sqliteVersion(node: string): string {
  const script = `const D = require('better-sqlite3');
    console.log(new D(':memory:').prepare('SELECT sqlite_version()').pluck().get())`;
  return output(node, ['--eval', script]);
}

function versionOf(name: string): string {
  const file = join(ROOT, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function output(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { cwd: ROOT, encoding: 'utf8' }).trim();
}
