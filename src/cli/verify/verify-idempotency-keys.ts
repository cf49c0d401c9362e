import { anyOf } from '../../database/any-of';
import { databaseTime } from '../../database/database-time';
import { namedQuery } from '../../database/named-query';
import { KEY_LIFETIME_SECONDS } from '../../idempotency/idempotency-keys';
import type { CommandContext } from '../run-on-database';
import type { Findings } from './findings';

const PAGE_SIZE = 1_000;

interface KeyRow {
  readonly user_id: number;
  readonly route: string;
  readonly key: string;
  readonly location: string;
}

/** Finds idempotency keys whose response names an order that does not exist. Expired ones are ignored. */
export async function verifyIdempotencyKeys(
  { dataSource, interruption }: CommandContext,
  findings: Findings,
): Promise<void> {
  for (let after = { user_id: 0, route: '', key: '' }; ;) {
    const rows = await namedQuery<KeyRow>(
      dataSource.manager,
      `SELECT user_id, route, key, location FROM idempotency_keys
       WHERE (user_id, route, key) > (:user_id, :route, :key)
         AND created_at > ${databaseTime(dataSource, -KEY_LIFETIME_SECONDS)}
       ORDER BY user_id, route, key LIMIT :limit`,
      { ...after, limit: PAGE_SIZE },
    );
    const placed = rows.flatMap((row) => {
      const id = /^\/orders\/(\d+)$/.exec(row.location)?.[1];
      return id ? [{ id: Number(id), userId: row.user_id }] : [];
    });
    const existing = await existingOrders(
      dataSource,
      placed.map(({ id }) => id),
    );
    for (const { id, userId } of placed) {
      if (existing.has(id)) continue;
      findings.add(
        'idempotency keys without their order',
        `An idempotency key of user ${userId} is for order ${id}, which does not exist`,
      );
    }
    const end = rows.at(-1);
    if (!end || rows.length < PAGE_SIZE) return;
    after = { user_id: end.user_id, route: end.route, key: end.key };
    await interruption.check('All orders were verified, but not all idempotency keys.');
  }
}

async function existingOrders(
  dataSource: CommandContext['dataSource'],
  ids: readonly number[],
): Promise<Set<number>> {
  const [areThese, parameters] = anyOf(dataSource, 'id', ids);
  const sql = `SELECT id FROM orders WHERE ${areThese}`;
  const rows = await namedQuery<{ id: number }>(dataSource.manager, sql, parameters);
  return new Set(rows.map(({ id }) => id));
}
