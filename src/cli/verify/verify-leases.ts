import { databaseTime } from '../../database/database-time';
import { namedQuery } from '../../database/named-query';
import type { CommandContext } from '../run-on-database';
import type { Findings } from './findings';

const PAGE_SIZE = 1_000;

/**
 * Finds leases without a processing order. Those that have not expired are ignored: a server may not
 * have deleted them yet, because another transaction had locked them.
 */
export async function verifyLeases(
  { dataSource: { manager }, interruption }: CommandContext,
  findings: Findings,
  stuckAfterSeconds: number,
): Promise<void> {
  const stuckBefore = databaseTime(manager.dataSource, -stuckAfterSeconds);
  for (let after = ''; ;) {
    const rows = await namedQuery<{ token: string; lease_token: string | null }>(
      manager,
      `SELECT token, lease_token
       FROM (SELECT token FROM order_leases WHERE token > :after AND expires_at <= ${stuckBefore}
         ORDER BY token LIMIT :limit) AS page
       LEFT JOIN (SELECT DISTINCT lease_token FROM orders WHERE status = 'processing') AS held
         ON lease_token = token
       ORDER BY token`,
      { after, limit: PAGE_SIZE },
    );
    for (const { token, lease_token } of rows) {
      if (lease_token !== null) continue;
      findings.add(
        'leases without a processing order',
        `Lease ${token} has expired, and no processing order has it`,
      );
    }
    const end = rows.at(-1);
    if (!end || rows.length < PAGE_SIZE) return;
    after = end.token;
    await interruption.check('All orders were verified, but not all leases.');
  }
}
