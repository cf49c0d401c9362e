import { Logger, type LoggerService } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { loadDatabaseConfigOrExit } from '../config/dotenv-config';
import { connectDatabase, dataSourceOptions } from './data-source';

/** Exit codes of commands. */
export const EXIT = { done: 0, failed: 1, usage: 2, pending: 3 } as const;

/**
 * Runs a command on the database of the environment. It reads only the database settings, so it also
 * works where the server's secrets are not configured.
 * @param command returns the exit code
 */
export async function runCommand(
  command: (dataSource: DataSource) => Promise<number>,
): Promise<void> {
  Logger.overrideLogger(STDERR);
  const { target } = loadDatabaseConfigOrExit();
  try {
    const dataSource = await connectDatabase(dataSourceOptions(target));
    try {
      process.exitCode = await command(dataSource);
    } finally {
      await dataSource.destroy();
    }
  } catch (error) {
    process.exitCode = EXIT.failed;
    print(error instanceof Error ? error.message : String(error));
  }
}

/** Prints to stderr; stdout is for the results of the command. */
function print(message: unknown): void {
  process.stderr.write(`${String(message)}\n`);
}

const STDERR: LoggerService = { log: print, warn: print, error: print, fatal: print };
