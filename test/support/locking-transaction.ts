import type { DataSource } from 'typeorm';
import { waitUntil } from './wait-until';

/** Another transaction, on PostgreSQL, which keeps what it locks until its end. */
export class LockingTransaction {
  private constructor(private readonly runner: ReturnType<DataSource['createQueryRunner']>) {}

  static async begin(dataSource: DataSource): Promise<LockingTransaction> {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    // However long the machine stands still, it keeps its locks, and a deadlock is an error of the other.
    await runner.query(
      `SELECT set_config(name, setting, true) FROM (VALUES ('lock_timeout', '0'), ('statement_timeout', '0'),
         ('idle_in_transaction_session_timeout', '0'), ('deadlock_timeout', '2147483647')
       ) AS settings (name, setting)`,
    );
    return new LockingTransaction(runner);
  }

  async lock(table: 'orders' | 'users', id: number): Promise<void> {
    await this.runner.query(`SELECT 1 FROM ${table} WHERE id = ${id} FOR UPDATE`);
  }

  /** No other transaction numbers events meanwhile. */
  async lockLog(): Promise<void> {
    await this.runner.query(`SELECT 1 FROM log_readers WHERE name = 'log' FOR UPDATE`);
  }

  async end(): Promise<void> {
    if (this.runner.isReleased) return;
    await this.runner.rollbackTransaction();
    await this.runner.release();
  }
}

/** Waits until a statement waits for a lock. */
export async function waitForBlockedStatement(dataSource: DataSource): Promise<void> {
  await waitUntil(
    async () => {
      const [row] = await dataSource.query<[{ blocked: number }]>(
        `SELECT COUNT(*)::int AS blocked FROM pg_locks WHERE NOT granted
         AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`,
      );
      return row.blocked > 0;
    },
    { description: 'a statement waits for a lock' },
  );
}
