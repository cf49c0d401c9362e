import { namedQuery } from '../../database/named-query';
import { readDatabaseTime } from '../../database/read-database-time';
import { ORDER_STATUSES, type OrderStatus } from '../../orders/order-status';
import {
  type LoggedSteps,
  entriesOf,
  lastPositionOf,
  readLoggedSteps,
} from '../../statistics/logged-steps';
import { countsByStatus, totalsByMinute } from '../../statistics/order-totals';
import type { CommandContext } from '../run-on-database';
import type { Findings } from './findings';

const PAGE_SIZE = 10_000;

/** For how long minutes are compared, in seconds: less than they are kept. */
const COMPARED_SECONDS = 3_600;

/** How often the numbers are compared, at most, until two comparisons in a row have the same result. */
const MAX_COMPARISONS = 5;

/** The numbers of the reader, and its position: one statement, so that they belong to each other. */
const STATISTICS_SQL = `SELECT position, status, NULL AS minute, orders AS completed, 0 AS failed
  FROM log_readers LEFT JOIN order_counts ON TRUE WHERE name = 'statistics'
  UNION ALL SELECT position, NULL, minute, completed, failed
  FROM log_readers JOIN order_minutes ON TRUE WHERE name = 'statistics'`;

/** A number of orders by status, or a minute, or neither. */
interface StatisticsRow {
  readonly position: number;
  readonly status: OrderStatus | null;
  readonly minute: string | null;
  /** Of a status: all of its orders. */
  readonly completed: number;
  readonly failed: number;
}

/** Compares the statistics with the log. */
export async function verifyStatistics(context: CommandContext, findings: Findings): Promise<void> {
  let differences = await compare(context);
  for (let n = 1; n < MAX_COMPARISONS && differences.length > 0; n++) {
    const before = differences;
    differences = await compare(context);
    // While `retention` deletes orders, they differ from each other.
    if (String(before) === String(differences)) break;
  }
  for (const difference of differences) {
    findings.add('statistics that differ from the log', difference);
  }
}

/** @returns descriptions of differences */
async function compare(context: CommandContext): Promise<string[]> {
  const { manager } = context.dataSource;
  const from = await readDatabaseTime(manager, -COMPARED_SECONDS);
  const kept = await namedQuery<StatisticsRow>(manager, STATISTICS_SQL, {});
  const steps = await readSteps(context, kept[0]?.position ?? 0);
  const differences: string[] = [];
  const add = (what: string, orders: number, logged: number) => {
    if (orders === logged) return;
    differences.push(`The statistics have ${orders} ${what}, but the log ${logged}`);
  };
  const counts = countsByStatus(steps);
  for (const status of ORDER_STATUSES) {
    const row = kept.find((other) => other.status === status);
    add(`${status} orders`, row?.completed ?? 0, counts.get(status) ?? 0);
  }
  const totals = totalsByMinute(steps);
  const minutes = new Map(kept.map((row) => [row.minute, row]));
  for (const minute of new Set([...totals.keys(), ...minutes.keys()])) {
    if (minute === null || minute < from) continue;
    for (const status of ['completed', 'failed'] as const) {
      const orders = minutes.get(minute)?.[status] ?? 0;
      add(`orders ${status} in ${minute}`, orders, totals.get(minute)?.[status] ?? 0);
    }
  }
  return differences;
}

/** Reads the log up to a position. Its entries do not change, unless `retention` deletes them. */
async function readSteps(
  { dataSource: { manager }, interruption }: CommandContext,
  through: number,
): Promise<LoggedSteps[]> {
  const all = new Map<string, LoggedSteps>();
  for (let after = 0; ;) {
    const page = await readLoggedSteps(manager, { after, through, limit: PAGE_SIZE });
    for (const steps of page) {
      const key = [steps.from, steps.to, steps.minute].join();
      const entries = steps.entries + (all.get(key)?.entries ?? 0);
      all.set(key, { ...steps, entries });
    }
    const last = lastPositionOf(page);
    if (last === undefined || entriesOf(page) < PAGE_SIZE) return [...all.values()];
    after = last;
    await interruption.check('All orders were verified, but not all statistics.');
  }
}
