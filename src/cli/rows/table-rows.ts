import type { QueryRunner } from 'typeorm';

/** The types of columns that are the same on both databases, by their names in PostgreSQL. */
const INTEGERS = new Set(['int2', 'int4', 'int8']);
const TYPES = new Set([...INTEGERS, 'text', 'varchar', 'timestamptz', 'bool', 'float8', 'jsonb']);

const FETCH_SIZE = 2_000;

/** A table of PostgreSQL that receives the rows of the SQLite table with its name. */
export interface TargetTable {
  readonly name: string;
  /** Types by the names of the columns. */
  readonly types: ReadonlyMap<string, string>;
}

/** @throws Error when the table cannot have the columns of its source */
export async function readTable(
  runner: QueryRunner,
  name: string,
  columns: readonly string[],
): Promise<TargetTable> {
  const found = (await runner.query(
    `SELECT column_name AS name, udt_name AS type FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name = $1`,
    [name],
  )) as { name: string; type: string }[];
  const types = new Map(found.map((column) => [column.name, column.type]));
  const missing = columns.filter((column) => !types.has(column));
  if (missing.length > 0 || types.size !== columns.length) {
    throw new Error(`The columns of the table ${name} differ from those in PostgreSQL`);
  }
  const unknown = found.find(({ type }) => !TYPES.has(type));
  if (unknown) {
    throw new Error(`Column ${name}.${unknown.name} has the type ${unknown.type}: not supported`);
  }
  return { name, types: new Map(columns.map((column) => [column, types.get(column) ?? ''])) };
}

/** Writes rows of the SQLite table, in one statement. */
export async function insertRows(
  runner: QueryRunner,
  { name, types }: TargetTable,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const names = [...types.keys()].map((column) => `"${column}"`);
  const arrays = [...types.values()].map((type, index) => `$${index + 1}::${type}[]`);
  await runner.query(
    `INSERT INTO "${name}" (${names.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`,
    Array.from(types, ([column, type]) => rows.map((row) => valueOf(type, row[column]))),
  );
}

/** The values of a row, the same for both databases. */
export function comparable(
  { types }: TargetTable,
  row: Readonly<Record<string, unknown>>,
): unknown[] {
  return Array.from(types, ([column, type]) => {
    const value = valueOf(type, row[column]);
    return type === 'jsonb' && typeof value === 'string' ? sortedJson(value) : value;
  });
}

function valueOf(type: string, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  return type === 'bool' ? Boolean(value) : value;
}

/** JSON with sorted keys and no spaces: `jsonb` has its own order of keys, and its own spaces. */
function sortedJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), (_, value: unknown) => {
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      if (!isObject) return value;
      return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    });
  } catch {
    return text; // PostgreSQL rejects it, and its row is named
  }
}

/** Reads the rows of a table, in the transaction of the runner. JSON is a string, as on SQLite. */
export async function* tableRows(
  runner: QueryRunner,
  { name, types }: TargetTable,
): AsyncGenerator<Record<string, unknown>> {
  const columns = Array.from(types, ([column, type]) =>
    type === 'jsonb' ? `"${column}"::text` : `"${column}"`,
  );
  await runner.query(
    `DECLARE copied NO SCROLL CURSOR FOR SELECT ${columns.join(', ')} FROM "${name}"`,
  );
  for (;;) {
    const rows = await runner.query(`FETCH ${FETCH_SIZE} FROM copied`);
    const batch = rows as Record<string, unknown>[];
    yield* batch;
    if (batch.length < FETCH_SIZE) break;
  }
  await runner.query('CLOSE copied');
}

/** SQL for both databases that counts the rows of a table, and sums each column of integers. */
export function aggregationOf({ name, types }: TargetTable): string {
  const integers = [...types].filter(([, type]) => INTEGERS.has(type));
  const sums = integers.map(([column]) => `CAST(SUM("${column}") AS text) AS "${column}"`);
  return `SELECT ${['CAST(COUNT(*) AS text) AS rows', ...sums].join(', ')} FROM "${name}"`;
}

/**
 * New rows get ids after the last ones of the source. Unlike `setval`, a rollback reverts it.
 * @param lastId returns the last id that a column of the source has
 */
export async function setSequences(
  runner: QueryRunner,
  { name, types }: TargetTable,
  lastId: (column: string) => bigint,
): Promise<void> {
  for (const [column, type] of types) {
    if (!INTEGERS.has(type)) continue;
    const [found] = (await runner.query('SELECT pg_get_serial_sequence($1, $2) AS sequence', [
      `"${name}"`,
      column,
    ])) as { sequence: string | null }[];
    if (!found?.sequence) continue;
    const last = lastId(column);
    if (last < 1) continue;
    await runner.query(`ALTER SEQUENCE ${found.sequence} RESTART WITH ${last + 1n}`);
  }
}
