import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { printToStderr } from '../../common/print-to-stderr';
import { readDatabaseTime } from '../../database/read-database-time';
import { EXIT } from '../../database/run-command';
import { Transactions } from '../../database/transactions';
import { InterruptedError } from '../interruption';
import { parseCount } from '../parse-count';
import { deleteEndedOrders } from '../rows/order-rows';
import { type CommandContext, runOnDatabase } from '../run-on-database';
import { countEndedOrders, endedOrders, exportLines } from './ended-orders';
import { HistoryNumbering } from './history-numbering';
import { readOrderReferences } from './order-references';

const DAY_SECONDS = 86_400;
const MAX_DAYS = 36_500;

/** Only the operator can read the export, which has what users have written. */
const FILE_MODE = 0o600;

interface Options {
  readonly ordersDays: number;
  readonly export?: string;
  readonly dryRun?: true;
}

/** `retention`: exports old orders that have ended, and then deletes them. */
export function addRetentionCommand(program: Command): void {
  program
    .command('retention')
    .description('export completed and cancelled orders, and then delete them')
    .requiredOption(
      '--orders-days <number>',
      'those that have ended at least this many days ago',
      parseCount(1, MAX_DAYS),
    )
    .option('--export <file>', 'a file that does not exist')
    .option('--dry-run', 'only count them')
    .action(async (options: Options, command: Command) => {
      const { ordersDays, export: file, dryRun } = options;
      if (dryRun) return runOnDatabase((context) => count(context, ordersDays));
      if (!file) command.error("error: option '--export <file>' or '--dry-run' is missing");
      return runOnDatabase((context) => retain(context, ordersDays, file));
    });
}

async function count(context: CommandContext, days: number): Promise<number> {
  const { total, keptLine } = await survey(context, days);
  process.stdout.write(`${total} orders would be exported and deleted\n${keptLine}`);
  return EXIT.done;
}

async function retain(context: CommandContext, days: number, file: string): Promise<number> {
  const { keptLine, ...found } = await survey(context, days);
  if (found.total === 0) {
    process.stdout.write(
      `No order to delete has ended so long ago; no file was written\n${keptLine}`,
    );
    return EXIT.done;
  }
  const handle = await create(file);
  try {
    const deleted = await exportAndDelete(context, { ...found, file, handle });
    process.stdout.write(`Exported ${deleted} orders to ${file}, and deleted them\n${keptLine}`);
    return EXIT.done;
  } finally {
    await handle.close();
  }
}

/** The orders to delete. */
interface Survey {
  /** They were not changed since this instant. */
  readonly before: string;
  /** That nothing refers to them, in SQL. */
  readonly condition: string;
  readonly total: number;
  /** A line about others, or nothing. */
  readonly keptLine: string;
}

/** Orders with rows of other modules are kept: these rows would not be in the export. */
async function survey(context: CommandContext, days: number): Promise<Survey> {
  const before = await readDatabaseTime(context.dataSource.manager, -days * DAY_SECONDS);
  const { tables, areReferenced } = await readOrderReferences(context.dataSource);
  const condition = `NOT ${areReferenced}`;
  const total = await countEnded(context, before, condition);
  const kept = tables.length > 0 ? await countEnded(context, before, areReferenced) : 0;
  const keptLine = kept > 0 ? `Kept ${kept} orders that ${tables.join(' or ')} refers to\n` : '';
  return { before, condition, total, keptLine };
}

interface Export extends Omit<Survey, 'keptLine'> {
  readonly file: string;
  readonly handle: FileHandle;
}

/** Deletes each batch after its export is on the disk. */
async function exportAndDelete(
  context: CommandContext,
  { before, condition, total, file, handle }: Export,
): Promise<number> {
  const { dataSource, interruption, startProgress } = context;
  const transactions = new Transactions(dataSource);
  const numbering = new HistoryNumbering(context);
  const progress = startProgress('Exporting and deleting orders', total);
  let deleted = 0;
  try {
    for await (const orders of endedOrders(dataSource.manager, { before, condition })) {
      progress.show(deleted);
      const consequence = `${deleted} orders were exported to ${file} and deleted; all others are kept.`;
      await interruption.check(consequence);
      const ids = orders.map(({ id }) => id);
      await numbering.numberEntriesOf(ids, consequence);
      await handle.appendFile(await exportLines(dataSource.manager, orders));
      await handle.sync();
      deleted += await transactions.run(({ manager }) =>
        deleteEndedOrders(manager, ids, before, condition),
      );
    }
    return deleted;
  } catch (error) {
    if (error instanceof InterruptedError) throw error; // it has the number
    progress.end();
    printToStderr(`${deleted} orders were deleted. ${file} contains all of them.`);
    throw error;
  }
}

async function countEnded(
  { dataSource, interruption }: CommandContext,
  before: string,
  condition: string,
): Promise<number> {
  let total = 0;
  for await (const count of countEndedOrders(dataSource.manager, { before, condition })) {
    total += count;
    await interruption.check('Nothing was deleted.');
  }
  return total;
}

/** @throws Error when the file exists */
async function create(file: string): Promise<FileHandle> {
  const handle = await open(file, 'wx', FILE_MODE);
  try {
    const folder = await open(dirname(file), 'r');
    try {
      await folder.sync(); // otherwise the file could be lost, but not the deletion
    } finally {
      await folder.close();
    }
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
