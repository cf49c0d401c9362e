import { randomBytes } from 'node:crypto';
import { hash } from 'bcryptjs';
import { databaseTime } from '../../database/database-time';
import { namedQuery } from '../../database/named-query';
import type { Transactions } from '../../database/transactions';
import { valueRows } from '../../database/value-rows';
import { reserveIds } from '../rows/order-rows';
import type { CommandContext } from '../run-on-database';

const BATCH_SIZE = 1_000;
const BCRYPT_COST = 10;

export interface SeededUsers {
  readonly ids: readonly number[];
  /** Of all of them; random. */
  readonly password: string;
}

/** Writes accounts with one password. The first one is an admin. */
export async function seedUsers(
  { dataSource, interruption }: CommandContext,
  transactions: Transactions,
  count: number,
): Promise<SeededUsers> {
  const password = randomBytes(9).toString('base64url');
  const passwordHash = await hash(password, BCRYPT_COST);
  const all: number[] = [];
  while (all.length < count) {
    await interruption.check(`${all.length} users were written, and no order.`);
    await transactions.run(async ({ manager }) => {
      const ids = await reserveIds(manager, 'users', Math.min(BATCH_SIZE, count - all.length));
      const rows = ids.map((id, index) => ({
        id,
        name: `User ${id}`,
        email: emailOf(id),
        role: all.length + index === 0 ? 'admin' : 'customer',
      }));
      const columns = { id: 'bigint', name: 'text', email: 'text', role: 'text' } as const;
      const { sql, parameters } = valueRows(dataSource, columns, rows);
      const now = databaseTime(dataSource);
      await namedQuery(
        manager,
        `INSERT INTO users (id, name, email, password_hash, role, created_at, updated_at)
         SELECT id, name, email, :passwordHash, role, ${now}, ${now} FROM (${sql}) AS new_rows`,
        { ...parameters, passwordHash },
      );
      all.push(...ids);
    });
  }
  return { ids: all, password };
}

export function emailOf(id: number): string {
  return `seed-${id}@example.com`;
}
