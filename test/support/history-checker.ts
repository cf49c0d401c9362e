import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { databaseTime } from '../../src/database/database-time';
import { type OrderStatus, TRANSITIONS, type Transition } from '../../src/orders/order-status';
import { START_DEADLINE_MS } from './start-deadline';
import { waitUntil } from './wait-until';

export interface OrderRow {
  readonly id: number;
  readonly status: OrderStatus;
  readonly version: number;
  readonly attempts: number;
  readonly lease_token: string | null;
  readonly next_attempt_at: unknown;
  readonly completed_at: unknown;
  readonly cancelled_at: unknown;
  readonly failure_reason: string | null;
}

export interface HistoryRow {
  readonly order_id: number;
  readonly sequence: number;
  readonly from_status: OrderStatus | null;
  readonly to_status: OrderStatus;
  readonly actor_type: string;
}

/** The interval of PROCESSING_CRON in the fault tests. */
const TICK_SECONDS = 1;
/** The delay of a busy machine. */
const TOLERANCE_SECONDS = 15;
/** The deadline for the start of a server. */
export const RESTART_SECONDS = START_DEADLINE_MS / 1_000;
/** Longer than the leases of suites that kill servers, of which some are deleted after they expired. */
const LEASES_DEADLINE_MS = 90_000;
/** A shorter interval would slow down the server. */
const POLL_INTERVAL_MS = 100;

/**
 * Checks the promises that hold after every crash: each acknowledged order exists, and the history of
 * each order is a legal path that ends with its status.
 * @returns the number of orders
 * @throws Error that lists the first 20 problems
 */
export async function checkHistories(
  database: DataSource,
  acknowledged: Iterable<number>,
): Promise<number> {
  const { orders, entries } = await readAll(database);
  const problems = findProblems(orders, entries, acknowledged);
  if (problems.length > 0) {
    const shown = problems.slice(0, 20).map((problem) => `  - ${problem}`);
    throw new Error(`${problems.length} broken promises, among them:\n${shown.join('\n')}`);
  }
  return orders.length;
}

/**
 * Waits until no order is pending or processing and no lease is left, while a server runs.
 * @param restartSeconds for how long no server may run, when it can die meanwhile
 * @throws Error when an order or a lease is left after the lease has expired and the next tick passed
 */
export async function waitUntilSettled(
  database: DataSource,
  deadlineMs: number,
  restartSeconds = 0,
): Promise<void> {
  const startedAt = performance.now();
  const reclaimSeconds = TICK_SECONDS + TOLERANCE_SECONDS + restartSeconds;
  const reclaimTime = databaseTime(database, -reclaimSeconds);
  const abandoned = `SELECT id, attempts FROM orders WHERE status = 'processing'
    AND NOT EXISTS (SELECT 1 FROM order_leases WHERE token = lease_token
      AND expires_at >= ${reclaimTime}) LIMIT 5`;
  const leftBehind = `SELECT * FROM order_leases WHERE expires_at < ${reclaimTime} LIMIT 5`;
  const until = (description: string, isMet: () => Promise<boolean>, withinMs: number) =>
    waitUntil(
      async () => {
        // Before this time, no server may have run to reclaim the orders.
        if (performance.now() - startedAt > reclaimSeconds * 1_000) {
          const orders: OrderRow[] = await database.query(abandoned);
          if (orders.length > 0) throw new Error(`Not reclaimed: ${JSON.stringify(orders)}`);
          const leases: unknown[] = await database.query(leftBehind);
          if (leases.length > 0) throw new Error(`Not deleted: ${JSON.stringify(leases)}`);
        }
        if (await isMet()) return true;
        await delay(POLL_INTERVAL_MS);
        return false;
      },
      { description, deadlineMs: withinMs },
    );
  await until(
    'every order has reached a final status',
    async () => !(await exists(database, `orders WHERE status IN ('pending', 'processing')`)),
    deadlineMs,
  );
  await until(
    'no lease is left',
    async () => !(await exists(database, 'order_leases')),
    LEASES_DEADLINE_MS,
  );
}

async function exists(database: DataSource, rows: string): Promise<boolean> {
  const found = await database.query<unknown[]>(`SELECT 1 FROM ${rows} LIMIT 1`);
  return found.length > 0;
}

/** The statuses of each order since it was placed. */
export async function pathsOf(database: DataSource): Promise<Map<number, string[]>> {
  const { entries } = await readAll(database);
  const paths = new Map<number, string[]>();
  for (const [id, history] of byOrder(entries)) {
    paths.set(
      id,
      history.map(({ to_status }) => to_status),
    );
  }
  return paths;
}

async function readAll(database: DataSource): Promise<{
  orders: OrderRow[];
  entries: HistoryRow[];
}> {
  // One snapshot: a write between two queries would look like a broken history.
  return database.transaction(
    database.options.type === 'postgres' ? 'REPEATABLE READ' : 'SERIALIZABLE',
    async (snapshot) => ({
      orders: await snapshot.query('SELECT * FROM orders ORDER BY id'),
      entries: await snapshot.query('SELECT * FROM order_history ORDER BY order_id, sequence'),
    }),
  );
}

/** Lists the problems of these orders, one sentence each. */
export function findProblems(
  orders: readonly OrderRow[],
  entries: readonly HistoryRow[],
  acknowledged: Iterable<number> = [],
): string[] {
  const histories = byOrder(entries);
  const ids = new Set(orders.map(({ id }) => id));
  return [
    ...[...acknowledged]
      .filter((id) => !ids.has(id))
      .map((id) => `order ${id} was acknowledged, but does not exist`),
    ...[...histories.keys()]
      .filter((id) => !ids.has(id))
      .map((id) => `order ${id} has a history, but does not exist`),
    ...orders.flatMap((order) =>
      [...historyProblems(order, histories.get(order.id) ?? []), ...rowProblems(order)].map(
        (problem) => `order ${order.id} (${order.status}): ${problem}`,
      ),
    ),
  ];
}

const LEGAL_STEPS = new Set(
  (Object.values(TRANSITIONS) as Transition[]).map(
    ({ from, to, by }) => `${from} -> ${to} by ${by}`,
  ),
).add('null -> pending by user');

function* historyProblems(order: OrderRow, history: readonly HistoryRow[]): Generator<string> {
  if (history.length === 0) yield 'has no history';
  let status: OrderStatus | null = null;
  for (const [index, { sequence, from_status, to_status, actor_type }] of history.entries()) {
    const step = `${from_status} -> ${to_status} by ${actor_type}`;
    if (sequence !== index + 1) yield `entry ${index + 1} has the sequence ${sequence}`;
    if (from_status !== status) yield `entry ${sequence} (${step}) follows the status ${status}`;
    if (!LEGAL_STEPS.has(step)) yield `entry ${sequence} (${step}) is not a legal transition`;
    status = to_status;
  }
  if (history.length > 0 && status !== order.status) yield `the history ends with ${status}`;
  if (history.length !== order.version) {
    yield `has ${history.length} history entries, but version ${order.version}`;
  }
  const completions = history.filter(({ to_status }) => to_status === 'completed').length;
  if (completions !== (order.status === 'completed' ? 1 : 0)) {
    yield `has ${completions} completed entries`;
  }
}

/** Checks the columns that are set in one status only. */
function* rowProblems(order: OrderRow): Generator<string> {
  const only = {
    lease_token: 'processing',
    next_attempt_at: 'pending',
    completed_at: 'completed',
    cancelled_at: 'cancelled',
    failure_reason: 'failed',
  } as const satisfies Partial<Record<keyof OrderRow, OrderStatus>>;
  for (const [column, status] of Object.entries(only) as [keyof OrderRow, OrderStatus][]) {
    const isSet = order[column] !== null;
    if (isSet !== (order.status === status)) yield `${column} is ${isSet ? 'set' : 'empty'}`;
  }
}

function byOrder(entries: readonly HistoryRow[]): Map<number, HistoryRow[]> {
  const histories = new Map<number, HistoryRow[]>();
  for (const entry of entries) {
    const history = histories.get(entry.order_id);
    if (history) history.push(entry);
    else histories.set(entry.order_id, [entry]);
  }
  return histories;
}
