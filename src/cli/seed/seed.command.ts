import type { Command } from 'commander';
import { printToStderr } from '../../common/print-to-stderr';
import { isProduction } from '../../config/dotenv-config';
import { readDatabaseTime } from '../../database/read-database-time';
import { EXIT } from '../../database/run-command';
import { Transactions } from '../../database/transactions';
import { parseCount } from '../parse-count';
import { insertOrders, reserveIds } from '../rows/order-rows';
import { type CommandContext, runOnDatabase } from '../run-on-database';
import { randomOrder } from './random-order';
import { type SeededUsers, emailOf, seedUsers } from './seed-users';

/** Orders of one transaction. A server on the same SQLite file waits for it. */
const BATCH_SIZE = 1_000;

interface Options {
  readonly users: number;
  readonly orders: number;
  readonly force?: true;
}

/** `seed`: writes invented users and orders, for trials and measurements. */
export function addSeedCommand(program: Command): void {
  program
    .command('seed')
    .description('add invented users, and orders with their histories')
    .option('--users <number>', 'new accounts', parseCount(1, 100_000), 100)
    .option('--orders <number>', 'their orders', parseCount(0, 10_000_000), 1_000)
    .option('--force', 'also where NODE_ENV is production')
    .action(async (options: Options) => {
      if (options.force || !isProduction()) {
        await runOnDatabase((context) => seed(context, options));
        return;
      }
      printToStderr('NODE_ENV is production: add --force to write invented users and orders there');
      process.exitCode = EXIT.failed;
    });
}

async function seed(context: CommandContext, options: Options): Promise<number> {
  const startedAt = performance.now();
  const transactions = new Transactions(context.dataSource);
  const users = await seedUsers(context, transactions, options.users);
  await seedOrders(context, transactions, users, options.orders);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const { ids, password } = users;
  const [admin = 0] = ids;
  process.stdout.write(
    `Wrote ${ids.length} users and ${options.orders} orders in ${seconds} s\n` +
      `E-mail addresses: ${emailOf(admin)} (an admin) to ${emailOf(ids.at(-1) ?? 0)}\n` +
      `Their password: ${password}\n`,
  );
  return EXIT.done;
}

/** Each batch is one transaction, so every order that exists has its whole history. */
async function seedOrders(
  { interruption, startProgress }: CommandContext,
  transactions: Transactions,
  { ids: users }: SeededUsers,
  count: number,
): Promise<void> {
  const progress = startProgress('Writing orders', count);
  for (let written = 0; written < count;) {
    await interruption.check(
      `${users.length} users and ${written} of ${count} orders were written, each with its history.`,
    );
    progress.show(written);
    const size = Math.min(BATCH_SIZE, count - written);
    await transactions.run(async ({ manager }) => {
      const now = Date.parse(await readDatabaseTime(manager));
      const [adminId = 0] = users;
      const invented = (await reserveIds(manager, 'orders', size)).map((id) => {
        const userId = users[Math.floor(Math.random() * users.length)] ?? adminId;
        return randomOrder({ id, userId, adminId, now });
      });
      await insertOrders(
        manager,
        invented.map(({ order }) => order),
        invented.flatMap(({ history }) => history),
      );
    });
    written += size;
  }
  progress.end();
}
