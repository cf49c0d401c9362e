import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { backlogPauseMs } from '../../common/pause';
import { EXIT } from '../../database/run-command';
import { Transactions } from '../../database/transactions';
import { StatisticsReader } from '../../statistics/statistics-reader';
import { readReaderPosition, resetStatistics } from '../../statistics/statistics-tables';
import { type CommandContext, runOnDatabase } from '../run-on-database';

/** The pause while a server counts, in milliseconds. */
const BUSY_MS = 20;

/** `statistics:rebuild`: counts all events again. A server can run meanwhile, and takes part. */
export function addStatisticsCommand(program: Command): void {
  program
    .command('statistics:rebuild')
    .description('rebuild the statistics (orders per status and per minute) from the log of events')
    .action(() => runOnDatabase(rebuild));
}

/** Requests for the statistics count the orders until the end. */
async function rebuild(context: CommandContext): Promise<number> {
  const { dataSource, interruption, startProgress } = context;
  const transactions = new Transactions(dataSource);
  const reader = new StatisticsReader(dataSource, transactions);
  await interruption.check('Nothing was changed.');
  await transactions.run(({ manager }) => resetStatistics(manager));
  const { latest } = await readReaderPosition(dataSource.manager);
  const progress = startProgress('Counting events', latest);
  for (let position = 0; position < latest;) {
    await interruption.check(
      `Events up to position ${position} of ${latest} were counted. A server counts the others, ` +
        'or this command when it is repeated.',
    );
    const startedAt = performance.now();
    const counted = await reader.advance();
    if (counted === 'busy') {
      await delay(BUSY_MS);
      continue;
    }
    ({ position } = counted);
    progress.show(position);
    // A server on the same file goes on.
    if (position < latest) await delay(backlogPauseMs(startedAt));
  }
  progress.end();
  process.stdout.write(`Rebuilt the statistics from the events up to position ${latest}\n`);
  return EXIT.done;
}
