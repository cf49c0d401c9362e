import { access } from 'node:fs/promises';
import { Logger, type LoggerService } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { messageOf } from '../common/message-of';
import { printToStderr } from '../common/print-to-stderr';
import type { DatabaseTarget } from '../config/database-config';
import { loadDatabaseConfigOrExit } from '../config/dotenv-config';
import { connectDatabase, dataSourceOptions } from './data-source';

/** Exit codes of commands. */
export const EXIT = { done: 0, failed: 1, usage: 2, pending: 3 } as const;

/**
 * Runs a command on the database of the environment. It reads only the database settings, so it also
 * works where the server's secrets are not configured.
 * @param command returns the exit code
 * @param mustExist SQLite would create a missing file
 */
export function runCommand(
  command: (dataSource: DataSource, target: DatabaseTarget) => Promise<number>,
  { mustExist = false } = {},
): Promise<void> {
  return runWithoutConnection(async (target) => {
    if (mustExist && target.kind === 'sqlite') await requireFile(target.path);
    const dataSource = await connectDatabase(dataSourceOptions(target));
    try {
      return await command(dataSource, target);
    } finally {
      await dataSource.destroy();
    }
  });
}

/** Like {@link runCommand}, for a command that connects by itself, or not at all. */
export async function runWithoutConnection(
  command: (target: DatabaseTarget) => Promise<number>,
): Promise<void> {
  Logger.overrideLogger(STDERR);
  const { target } = loadDatabaseConfigOrExit();
  try {
    process.exitCode = await command(target);
  } catch (error) {
    process.exitCode = EXIT.failed;
    print(messageOf(error));
  }
}

/** @throws Error when there is no such file */
export async function requireFile(path: string, name = 'DATABASE_PATH'): Promise<void> {
  try {
    await access(path);
  } catch (error) {
    throw new Error(`There is no SQLite file ${path} (${name})`, { cause: error });
  }
}

/** Stdout is for the results of the command. */
function print(message: unknown): void {
  printToStderr(String(message));
}

const STDERR: LoggerService = { log: print, warn: print, error: print, fatal: print };
