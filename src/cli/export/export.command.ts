import { type Command, Option } from 'commander';
import { printToStderr } from '../../common/print-to-stderr';
import { writeChunks } from '../../common/write-chunks';
import { errorCodeOf } from '../../database/error-code';
import { EXIT } from '../../database/run-command';
import { ORDER_CSV } from '../../orders/order-csv';
import { type OrderResponse, toOrderResponse } from '../../orders/order.dto';
import { normalizeEmail } from '../../users/normalize-email';
import { User } from '../../users/user.entity';
import { type CommandContext, runOnDatabase } from '../run-on-database';
import { orderPages } from './order-pages';

type Format = 'csv' | 'ndjson';

interface Options {
  readonly user?: string;
  readonly format: Format;
}

/** `orders:export`: writes orders to stdout, with the names and values of the API. */
export function addExportCommand(program: Command): void {
  program
    .command('orders:export')
    .description('write orders to stdout')
    .option('--user <id or e-mail>', 'only those of this account')
    .addOption(new Option('--format <format>').choices(['csv', 'ndjson']).default('csv'))
    .action((options: Options) => runOnDatabase((context) => exportOrders(context, options)));
}

async function exportOrders(context: CommandContext, { user, format }: Options): Promise<number> {
  const { dataSource, interruption } = context;
  const userId = user === undefined ? undefined : await findUser(context, user);
  if (userId === null) {
    printToStderr(`No account has ${user}`);
    return EXIT.failed;
  }
  let count = 0;
  async function* chunks() {
    if (format === 'csv') yield ORDER_CSV.header;
    for await (const page of orderPages(dataSource.manager, userId ?? undefined)) {
      yield page.map((order) => toLine(toOrderResponse(order), format)).join('');
      count += page.length;
    }
  }
  try {
    await writeChunks(chunks(), process.stdout, interruption.signal);
  } catch (error) {
    await interruption.check(`The export is incomplete: it ends after about ${count} orders.`);
    if (errorCodeOf(error) !== 'EPIPE') throw error;
    printToStderr('The reader of stdout has closed it: the export is incomplete');
    return EXIT.failed;
  }
  printToStderr(`Exported ${count} orders`);
  return EXIT.done;
}

function toLine(order: OrderResponse, format: Format): string {
  return format === 'csv' ? ORDER_CSV.record(order) : `${JSON.stringify(order)}\n`;
}

/** @returns null when there is no such account */
async function findUser({ dataSource }: CommandContext, user: string): Promise<number | null> {
  const isId = /^[1-9]\d{0,14}$/.test(user);
  const condition = isId ? { id: Number(user) } : { email: normalizeEmail(user) };
  const found = await dataSource.getRepository(User).findOneBy(condition);
  return found?.id ?? null;
}
