import type { DataSource } from 'typeorm';
import { printToStderr } from '../common/print-to-stderr';
import { hasPendingMigrations } from '../database/migrate';
import { EXIT, runCommand } from '../database/run-command';
import { InterruptedError, Interruption, endOnSignal, runOrEndOnSignal } from './interruption';
import { Progress } from './progress';

/** How a command reports, and how it is interrupted. */
export interface CommandSession {
  readonly interruption: Interruption;
  /** Starts to show progress, in place of the one before. */
  readonly startProgress: (label: string, total: number) => Progress;
}

/** What a command works with. */
export interface CommandContext extends CommandSession {
  readonly dataSource: DataSource;
}

/**
 * Runs a command on the database of the environment, which must exist and have all migrations. It can be
 * interrupted between two of its steps.
 * @param command returns the exit code
 */
export function runOnDatabase(
  command: (context: CommandContext) => Promise<number>,
): Promise<void> {
  return runWhenMigrated((dataSource, stopWaiting) => {
    stopWaiting();
    return runInterruptibly((session) => command({ ...session, dataSource }));
  });
}

/**
 * Like {@link runOnDatabase}, for a command of one step: a signal ends the process at once.
 * @param consequence of a signal during the step, for the operator
 */
export function runOneStep(
  consequence: string,
  command: (dataSource: DataSource) => Promise<number>,
): Promise<void> {
  return runWhenMigrated(async (dataSource, stopWaiting) => {
    stopWaiting();
    return runOrEndOnSignal(consequence, () => command(dataSource));
  });
}

/** @param command calls `stopWaiting` before it handles signals itself */
async function runWhenMigrated(
  command: (dataSource: DataSource, stopWaiting: () => void) => Promise<number>,
): Promise<void> {
  const stopWaiting = endOnSignal('Nothing was changed.');
  try {
    await runCommand(
      async (dataSource) => {
        if (!(await hasPendingMigrations(dataSource))) return command(dataSource, stopWaiting);
        printToStderr('Migrations are pending: start the server, or npm run migration:run');
        return EXIT.failed;
      },
      { mustExist: true },
    );
  } finally {
    stopWaiting();
  }
}

/**
 * Runs steps that can be interrupted between two of them, and then report what was kept. Waits that nothing
 * ends, such as for a connection, are not among them: see {@link endOnSignal}.
 * @param command returns the exit code
 */
export async function runInterruptibly(
  command: (session: CommandSession) => Promise<number>,
): Promise<number> {
  const interruption = new Interruption();
  let progress: Progress | undefined;
  const startProgress = (label: string, total: number) => {
    progress?.end();
    progress = new Progress(label, total);
    return progress;
  };
  interruption.start();
  try {
    return await command({ interruption, startProgress });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    progress?.end();
    printToStderr(error.message);
    return error.exitCode;
  } finally {
    progress?.end();
    interruption.stop();
  }
}
