import type { DataSource } from 'typeorm';
import { isPostgres } from './test-database';

/**
 * Expects a statement on `orders` to read ranges of an index only, without sorting.
 * @param rows how many rows the statement returns at most
 */
export async function expectIndexRanges(
  database: DataSource,
  rows: number,
  sql: string,
  parameters: unknown[],
): Promise<void> {
  if (isPostgres()) await expectPostgresRanges(database, rows, sql, parameters);
  else await expectSqliteRanges(database, sql, parameters);
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Index Name'?: string;
  readonly 'Parent Relationship'?: string;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: PlanNode[];
}

async function explain(database: DataSource, sql: string, parameters: unknown[]) {
  const [row] = await database.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }[]>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
    parameters,
  );
  return row!['QUERY PLAN'][0]!.Plan;
}

/** Without those that read the lease of a row. */
function nodesOf(node: PlanNode): PlanNode[] {
  const parts = (node.Plans ?? []).filter((part) => part['Parent Relationship'] !== 'SubPlan');
  return [node, ...parts.flatMap(nodesOf)];
}

/** Of an index or a table. */
const isScan = (node: PlanNode) => /(?<!Subquery )Scan/.test(node['Node Type']);

async function expectPostgresRanges(
  database: DataSource,
  rows: number,
  sql: string,
  parameters: unknown[],
) {
  const nodes = nodesOf(await explain(database, sql, parameters));
  const types = new Set(nodes.map((node) => node['Node Type']));
  expect(
    [...types].filter(
      (type) => !/^(Limit|Merge Append|Index (Only )?Scan|Subquery Scan|Aggregate)$/.test(type),
    ),
  ).toEqual([]);
  const scans = nodes.filter(isScan);
  for (const scan of scans) expect(scan['Rows Removed by Filter'] ?? 0).toBe(0);
  // To merge the ranges, one additional row of each is read.
  const read = scans.reduce((sum, scan) => sum + scan['Actual Rows'], 0);
  expect(read).toBeLessThanOrEqual(rows + scans.length);
}

/** The lease of an order. */
const READS_LEASE =
  /^CORRELATED SCALAR SUBQUERY|^SEARCH order_leases USING INDEX sqlite_autoindex_order_leases_1 \(token=\?\)$/;

/** The merging of ranges, and what is around them: `SCAN` is of the page. */
const COMBINES_RANGES = /^(MERGE \(UNION ALL\)|LEFT|RIGHT|CO-ROUTINE selected|SCAN selected)$/;

async function expectSqliteRanges(database: DataSource, sql: string, parameters: unknown[]) {
  const plan = await database.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, parameters);
  const details = plan.map(({ detail }) => detail).filter((detail) => !READS_LEASE.test(detail));
  const searches = details.filter((detail) => !COMBINES_RANGES.test(detail));
  expect(searches).toHaveLength(sql.split('UNION ALL').length);
  for (const search of searches)
    expect(search).toMatch(/^SEARCH \S+ USING (COVERING )?INDEX orders_\w+ \(/);
  // Every condition is a bound of the range, so no row is read and then discarded.
  const count = (lines: string[], part: RegExp) => lines.join(' ').match(part)?.length ?? 0;
  for (const column of ['user_id', 'status', 'created_at', 'id']) {
    const comparison = new RegExp(`\\b${column}"? ?[<>=]`, 'g');
    expect([column, count(searches, comparison)]).toEqual([column, count([sql], comparison)]);
  }
}

/**
 * Expects a statement on `orders` to read indexes in their order, so that its LIMIT bounds what it
 * reads: it neither sorts nor reads the table.
 */
export async function expectBoundedScans(
  database: DataSource,
  sql: string,
  parameters: unknown[],
): Promise<void> {
  if (isPostgres()) {
    const types = nodesOf(await explain(database, sql, parameters)).map(
      (node) => node['Node Type'],
    );
    expect(types.filter((type) => /Sort|Seq Scan|Bitmap/.test(type))).toEqual([]);
    return;
  }
  const plan = await database.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, parameters);
  const details = plan.map(({ detail }) => detail).filter((detail) => /\borders\b/.test(detail));
  const scans = sql.match(/FROM orders\b/g) ?? [];
  expect(details).toHaveLength(scans.length);
  for (const detail of details) {
    // By status in the order of the placement, or by an index of pending orders in its order.
    expect(detail).toMatch(
      /(COVERING )?INDEX (orders_status_created_at_idx \(status=\?\)|orders_(turn|without_turn|alone)_idx)( \((turn>|next_attempt_at<)\?\))?$/,
    );
  }
  expect(plan.some(({ detail }) => detail.includes('TEMP B-TREE'))).toBe(false);
  const indexes = new Set(details.map((detail) => /INDEX (\w+)/.exec(detail)?.[1]));
  expect(indexes.size).toBe(scans.length); // one search for each index
}

interface ExpectedLookup {
  readonly index: string;
  /** How many entries of the index are read at most, and so many orders by their ids. */
  readonly read: number;
  /** Whether one order is found, which PostgreSQL sorts, and may find by a bitmap. */
  readonly isOne?: boolean;
}

/**
 * Expects a statement to read one range of an index in its order, and the rest by primary keys only. SQLite
 * sorts the rows of the page by their place, and does not count what it has read.
 */
export async function expectLookup(
  database: DataSource,
  { index, read, isOne = false }: ExpectedLookup,
  sql: string,
  parameters: unknown[],
): Promise<void> {
  if (!isPostgres()) {
    await expectSqliteLookup(database, index, sql, parameters);
    return;
  }
  const nodes = nodesOf(await explain(database, sql, parameters));
  const types = nodes.map((node) => node['Node Type']);
  const unexpected = isOne ? /Seq Scan|Hash|Merge Join/ : /Sort|Seq Scan|Bitmap|Hash|Merge Join/;
  expect(types.filter((type) => unexpected.test(type))).toEqual([]);
  const scans = nodes.filter((node) => node['Index Name'] !== undefined);
  const others = scans.filter((scan) => scan['Index Name'] !== index);
  expect(scans.length - others.length).toBe(1);
  for (const other of others) expect(other['Index Name']).toMatch(/^PK_/); // as TypeORM names them
  for (const scan of scans) {
    expect(scan['Actual Rows'] * scan['Actual Loops']).toBeLessThanOrEqual(read);
    const removed = isOne ? 1 : 0;
    if (scan['Index Name'] === index) {
      expect(scan['Rows Removed by Filter'] ?? 0).toBeLessThanOrEqual(removed);
    }
  }
}

async function expectSqliteLookup(
  database: DataSource,
  index: string,
  sql: string,
  parameters: unknown[],
) {
  const plan = await database.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, parameters);
  const details = plan.map(({ detail }) => detail).filter((detail) => !READS_LEASE.test(detail));
  const searches = details.filter((detail) => /^(SEARCH|SCAN) order/.test(detail));
  const byIndex = new RegExp(`USING (COVERING )?INDEX ${index} \\(`);
  // One order, or one value of its metadata.
  const byKey =
    /USING (INTEGER PRIMARY KEY|INDEX sqlite_autoindex_order_metadata_1 \(order_id=\? AND key=\?\))/;
  expect(searches.some((search) => byIndex.test(search))).toBe(true);
  for (const search of searches) {
    expect(search).toMatch(new RegExp(`^SEARCH .*(${byIndex.source}|${byKey.source})`));
  }
}
