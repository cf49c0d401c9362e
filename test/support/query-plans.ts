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

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

const isScan = (node: PlanNode) => node['Node Type'].includes('Scan');

async function expectPostgresRanges(
  database: DataSource,
  rows: number,
  sql: string,
  parameters: unknown[],
) {
  const nodes = nodesOf(await explain(database, sql, parameters));
  const types = new Set(nodes.map((node) => node['Node Type']));
  expect([...types].filter((type) => !/^(Limit|Merge Append|Index Scan)$/.test(type))).toEqual([]);
  const scans = nodes.filter(isScan);
  for (const scan of scans) expect(scan['Rows Removed by Filter'] ?? 0).toBe(0);
  // To merge the ranges, one additional row of each is read.
  const read = scans.reduce((sum, scan) => sum + scan['Actual Rows'], 0);
  expect(read).toBeLessThanOrEqual(rows + scans.length);
}

async function expectSqliteRanges(database: DataSource, sql: string, parameters: unknown[]) {
  const plan = await database.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, parameters);
  const details = plan.map(({ detail }) => detail);
  const searches = details.filter((detail) => !/^(MERGE \(UNION ALL\)|LEFT|RIGHT)$/.test(detail));
  expect(searches).toHaveLength(sql.split('UNION ALL').length);
  for (const search of searches) expect(search).toMatch(/^SEARCH \S+ USING INDEX orders_\w+ \(/);
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
    // By status in the order of the placement, or by an index of pending orders in the order of their instants.
    expect(detail).toMatch(
      /(COVERING )?INDEX (orders_status_created_at_idx \(status=\?\)|orders_(without_turn|alone)_idx)$/,
    );
  }
  expect(plan.some(({ detail }) => detail.includes('TEMP B-TREE'))).toBe(false);
  const indexes = new Set(details.map((detail) => /INDEX (\w+)/.exec(detail)?.[1]));
  expect(indexes.size).toBe(scans.length); // one search for each index
}
