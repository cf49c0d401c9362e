import { namedQuery } from '../../database/named-query';
import type { CommandContext } from '../run-on-database';
import type { Findings } from './findings';

const PAGE_SIZE = 10_000;

interface PageRow {
  readonly events: number;
  readonly first: number | null;
  readonly last: number | null;
}

/** Finds gaps in the positions, above those that `retention` has deleted, up to the latest one. */
export async function verifyEvents(
  { dataSource: { manager }, interruption }: CommandContext,
  findings: Findings,
): Promise<void> {
  const read = async (sql: string) => {
    const [row] = await namedQuery<{ position: number | null }>(manager, sql, {});
    return row?.position ?? 0;
  };
  const readDeleted = () => read('SELECT MAX(position) AS position FROM deleted_events');
  const latest = await read(`SELECT position FROM log_readers WHERE name = 'log'`);
  const sql = `SELECT COUNT(*) AS events, MIN(position) AS first, MAX(position) AS last
    FROM (SELECT position FROM order_history WHERE position > :after
      ORDER BY position LIMIT :limit) AS page`;
  for (let after = await readDeleted(); ;) {
    const limit = PAGE_SIZE;
    const [page] = await namedQuery<PageRow>(manager, sql, { after, limit });
    const isEnd = !page?.last || page.events < PAGE_SIZE;
    const end = page?.last ?? after;
    const expected = isEnd ? Math.max(end, latest) : end;
    const missing = expected - after - (page?.events ?? 0);
    if (missing > 0) {
      const deleted = await readDeleted();
      if (deleted > after) {
        after = deleted; // by a retention that has run meanwhile
        continue;
      }
      const description = `${missing} positions from ${after + 1} to ${expected} have no event`;
      findings.add('gaps in the log', description);
    }
    if (isEnd && end > (await read(`SELECT position FROM log_readers WHERE name = 'log'`))) {
      findings.add('gaps in the log', `Position ${end} was not assigned by the numbering`);
    }
    if (isEnd) return;
    after = end;
    await interruption.check('All orders were verified, but not all positions.');
  }
}
