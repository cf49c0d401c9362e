import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { ServerProcess } from './server-process';
import { waitUntil } from './wait-until';

/** A backup that a server has made of `orders.db`. */
const BACKUP = /^orders-\d{8}T\d{6}Z\.auto\.db$/;

/** The paths of the backups in a folder, oldest first. */
export async function backupsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => BACKUP.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}

/** Waits until two backups were made: the first one may have begun before, the second one has not. */
export async function waitForNextBackup(folder: string): Promise<string> {
  const before = (await backupsIn(folder)).at(-1) ?? '';
  const newer = async () => (await backupsIn(folder)).filter((backup) => backup > before);
  await waitUntil(async () => (await newer()).length >= 2, {
    description: 'Two backups',
    deadlineMs: 30_000,
  });
  return (await newer()).at(-1)!;
}

/** The names of incomplete copies, and of their companions. */
export async function incompleteIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.includes('.tmp'));
}

/** The ids of the orders in a backup that is not damaged. */
export function orderIdsIn(backup: string): number[] {
  const database = new Database(backup, { fileMustExist: true });
  try {
    expect(database.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    const rows = database.prepare('SELECT id FROM orders ORDER BY id').all();
    return (rows as { id: number }[]).map(({ id }) => id);
  } finally {
    database.close();
  }
}

/** Suspends the process of the next backup of a server while its copy is incomplete. Linux only. */
export async function suspendBackup(server: ServerProcess, folder: string): Promise<number> {
  let suspended: number | undefined;
  await waitUntil(
    async () => {
      const [child] = await childrenOf(server.process.pid);
      // Before its script runs, the server waits for it, and would be suspended with it.
      if (child === undefined || !(await commandOf(child)).includes('backup.process.js')) {
        return false;
      }
      if (!signal(child, 'SIGSTOP')) return false;
      await waitUntil(async () => /^[TZ]?$/.test(await stateOf(child)));
      const isSuspended = (await stateOf(child)) === 'T';
      if (isSuspended && (await incompleteIn(folder)).length > 0) suspended = child;
      return suspended !== undefined;
    },
    { description: 'A backup runs', deadlineMs: 20_000 },
  );
  return suspended!;
}

/** @returns false when there is no such process */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Whether a process that is no child of the test has ended. */
export async function hasEnded(pid: number): Promise<boolean> {
  return /^Z?$/.test(await stateOf(pid));
}

async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return list.split(' ').filter(Boolean).map(Number);
}

/** The command line of a process; empty when there is none. */
async function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

/** The letter of the state of a process, such as T (stopped) and Z (zombie); empty when there is none. */
async function stateOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return /^State:\s+(\w)/m.exec(status)?.[1] ?? '';
}
