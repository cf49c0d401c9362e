import type { DataSource } from 'typeorm';
import { listMigrations, migrate, revertLastMigration } from './migrate';
import { EXIT, runCommand } from './run-command';

const USAGE = `Usage: npm run migration:run | migration:revert | migration:show
  run     runs the pending migrations, like the server at its start
  revert  reverts the last migration that was run
  show    lists the migrations; [X] marks those that have been run
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 (show) some migrations are pending
`;

const COMMANDS: Readonly<Record<string, (dataSource: DataSource) => Promise<number>>> = {
  run: async (dataSource) => {
    await migrate(dataSource);
    return EXIT.done;
  },
  revert: async (dataSource) => {
    const name = await revertLastMigration(dataSource);
    process.stdout.write(name ? `Reverted: ${name}\n` : 'No migration has been run\n');
    return EXIT.done;
  },
  show: async (dataSource) => {
    const migrations = await listMigrations(dataSource);
    for (const { name, isPending } of migrations) {
      process.stdout.write(`[${isPending ? ' ' : 'X'}] ${name}\n`);
    }
    return migrations.some(({ isPending }) => isPending) ? EXIT.pending : EXIT.done;
  },
};

const [name = '', ...rest] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command && rest.length === 0) {
  void runCommand(command);
} else if (name === '--help') {
  process.stdout.write(USAGE);
} else {
  process.stderr.write(USAGE);
  process.exitCode = EXIT.usage;
}
