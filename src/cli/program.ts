import { Command, CommanderError } from 'commander';
import { redactCredentials } from '../common/redact-credentials';
import { errorCodeOf } from '../database/error-code';
import { EXIT } from '../database/run-command';
import { addBackupCommand } from './backup/backup.command';
import { addCopyCommand } from './copy/copy.command';
import { addExportCommand } from './export/export.command';
import { addRetentionCommand } from './retention/retention.command';
import { addSeedCommand } from './seed/seed.command';
import { addStatisticsCommand } from './statistics/rebuild.command';
import { addUserCommands } from './user-role.commands';
import { addVerifyCommand } from './verify/verify.command';

const EXIT_CODES = `
Exit codes: ${EXIT.done} done, ${EXIT.failed} failed, ${EXIT.usage} wrong usage, 130 or 143 interrupted
The database is that of DATABASE_PATH or DATABASE_URL, from the environment or .env.`;

/** All commands. Each adds itself to the program. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addUserCommands,
  addVerifyCommand,
  addExportCommand,
  addBackupCommand,
  addCopyCommand,
  addRetentionCommand,
  addStatisticsCommand,
  addSeedCommand,
];

/** Runs the command that the arguments name, and sets the exit code of the process. */
export async function runCli(args: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  const program = new Command('npm run cli --')
    .description('Commands on the database of the server')
    .helpCommand(false)
    .showHelpAfterError('(add --help for the usage)')
    .addHelpText('after', EXIT_CODES)
    // Before the commands, which inherit both. An argument that is rejected can be a URL.
    .configureOutput({ writeErr: (message) => process.stderr.write(redactCredentials(message)) })
    .exitOverride();
  for (const add of COMMANDS) add(program);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // It has printed the help, or what is wrong.
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}

/** The reader of a pipe may end first, as `head` does. The command goes on, and its exit code is kept. */
function ignoreClosedPipe(error: Error): void {
  if (errorCodeOf(error) !== 'EPIPE') throw error;
}
