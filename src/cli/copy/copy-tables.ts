import type { DataSource, QueryRunner } from 'typeorm';
import { messageOf } from '../../common/message-of';
import { errorCodeOf } from '../../database/error-code';
import {
  type TargetTable,
  aggregationOf,
  comparable,
  insertRows,
  readTable,
  setSequences,
  tableRows,
} from '../rows/table-rows';
import type { CommandSession } from '../run-on-database';
import { RowDigest } from './row-digest';
import { type SourceRow, type SqliteSource, describeRow } from './sqlite-source';

const BATCH_SIZE = 1_000;

const NOTHING_WRITTEN =
  'No rows were written to PostgreSQL; the tables were created. The command can be repeated.';

/** The rows, as conditions in SQL, that migrations insert. A copy replaces them. */
const INITIAL_ROWS: Readonly<Record<string, string>> = { log_readers: 'position = 0' };

/** A table with the number and the sums of the rows in the source. */
export interface CopiedTable extends TargetTable {
  readonly key: readonly string[];
  readonly expected: Readonly<Record<string, unknown>>;
}

/** @throws Error when a table cannot have the columns of its source */
export async function readTargets(
  source: SqliteSource,
  runner: QueryRunner,
): Promise<TargetTable[]> {
  const tables: TargetTable[] = [];
  for (const name of source.tables()) {
    tables.push(await readTable(runner, name, source.columns(name)));
  }
  return tables;
}

/** Reads all rows of the source, which blocks the thread. */
export function sumTables(source: SqliteSource, tables: readonly TargetTable[]): CopiedTable[] {
  return tables.map((table) => ({
    ...table,
    key: source.primaryKey(table.name),
    expected: source.aggregate(aggregationOf(table)),
  }));
}

/**
 * Copies all tables, in the transaction of the runner, and compares them.
 * @returns one line for each table
 * @throws Error when a table has rows already, rejects rows, or differs in the end
 */
export async function copyTables(
  source: SqliteSource,
  runner: QueryRunner,
  tables: readonly CopiedTable[],
  { interruption, startProgress }: CommandSession,
): Promise<string[]> {
  const names = tables.map(({ name }) => `"${name}"`).join(', ');
  // No server can write to the tables until the end.
  await runner.query(`LOCK TABLE ${names} IN EXCLUSIVE MODE`);
  for (const { name } of tables) {
    await requireEmpty(runner, name);
    if (name in INITIAL_ROWS) await runner.query(`DELETE FROM "${name}"`);
  }
  const total = tables.reduce((sum, { expected }) => sum + Number(expected['rows']), 0);
  const progress = startProgress('Copying and comparing rows', total * 2);
  let done = 0;
  const lines: string[] = [];
  const step = async () => {
    progress.show(done);
    await interruption.check(NOTHING_WRITTEN);
  };
  for (const table of tables) {
    const written = new RowDigest();
    for (const rows of batches(source.rows(table.name))) {
      await insertBatch(runner, table, { rows, before: written.count });
      for (const row of rows) written.add(comparable(table, row));
      done += rows.length;
      await step();
    }
    const read = new RowDigest();
    for await (const row of tableRows(runner, table)) {
      read.add(comparable(table, row));
      done += 1;
      if (read.count % BATCH_SIZE === 0) await step();
    }
    const [sums] = (await runner.query(aggregationOf(table))) as Record<string, unknown>[];
    const isSame =
      String(read) === String(written) && JSON.stringify(sums) === JSON.stringify(table.expected);
    if (!isSame) throw new Error(`The copy of ${table.name} differs. ${NOTHING_WRITTEN}`);
    await setSequences(runner, table, (column) => source.lastId(table.name, column));
    lines.push(`${table.name}: ${read.count} rows, digest ${String(read)}`);
    await step();
  }
  progress.end();
  return lines;
}

interface Batch {
  readonly rows: readonly SourceRow[];
  /** How many rows of the table are before it. */
  readonly before: number;
}

/** The classes of SQLSTATE for values that cannot be stored, and for violated constraints. */
const REJECTED_ROW = /^2[23]/;

/**
 * @throws Error that names the rows when PostgreSQL rejects one: it names a constraint or a value, but not
 * always the row
 */
async function insertBatch(
  runner: QueryRunner,
  table: CopiedTable,
  { rows, before }: Batch,
): Promise<void> {
  try {
    await insertRows(runner, table, rows);
  } catch (error) {
    const { name, key } = table;
    const first = describeRow(key, rows[0] ?? {}, before + 1);
    const last = describeRow(key, rows.at(-1) ?? {}, before + rows.length);
    const failure = REJECTED_ROW.test(errorCodeOf(error) ?? '')
      ? `PostgreSQL has rejected rows of ${name}, among those from ${first} to ${last}`
      : `The copy of ${name} failed`;
    throw new Error(`${failure}: ${messageOf(error)}. ${NOTHING_WRITTEN}`, { cause: error });
  }
}

function* batches<Row>(rows: Iterable<Row>): Generator<readonly Row[]> {
  let batch: Row[] = [];
  for (const row of rows) {
    if (batch.push(row) < BATCH_SIZE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** @throws Error when the table has rows that no migration has inserted */
export async function requireEmpty(
  database: DataSource | QueryRunner,
  name: string,
): Promise<void> {
  const isInitial = INITIAL_ROWS[name] ?? '1 = 0';
  const sql = `SELECT 1 FROM "${name}" WHERE NOT (${isInitial}) LIMIT 1`;
  const rows = (await database.query(sql)) as unknown[];
  if (rows.length > 0) {
    throw new Error(`The table ${name} in PostgreSQL has rows: copy to an empty database`);
  }
}
