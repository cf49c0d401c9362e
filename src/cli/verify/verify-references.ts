import { namedQuery } from '../../database/named-query';
import type { CommandContext } from '../run-on-database';
import type { Findings } from './findings';

const PAGE_SIZE = 2_000;

/** Columns with an index that begins with them. The owners of orders are verified with the orders. */
const REFERENCES = [
  { from: 'order_history', column: 'order_id', to: 'orders' },
  { from: 'order_metadata', column: 'order_id', to: 'orders' },
  { from: 'sessions', column: 'user_id', to: 'users' },
  { from: 'idempotency_keys', column: 'user_id', to: 'users' },
] as const;

/**
 * Finds references to rows that do not exist. The foreign keys prevent them, but SQLite checks these
 * only for programs that ask for it.
 */
export async function verifyReferences(
  { dataSource: { manager }, interruption }: CommandContext,
  findings: Findings,
): Promise<void> {
  for (const { from, column, to } of REFERENCES) {
    const sql = `SELECT page.id, target.id AS found
      FROM (SELECT DISTINCT ${column} AS id FROM ${from} WHERE ${column} > :after
        ORDER BY ${column} LIMIT :limit) AS page
      LEFT JOIN ${to} AS target ON target.id = page.id
      ORDER BY page.id`;
    for (let after = 0; ;) {
      const limit = PAGE_SIZE;
      const rows = await namedQuery<{ id: number; found: number | null }>(manager, sql, {
        after,
        limit,
      });
      for (const { id, found } of rows) {
        if (found !== null) continue;
        findings.add(
          'references to rows that do not exist',
          `${from} has rows with ${column} ${id}, which is not in ${to}`,
        );
      }
      const end = rows.at(-1);
      if (!end || rows.length < PAGE_SIZE) break;
      after = end.id;
      await interruption.check('All orders were verified, but not all references.');
    }
  }
}
