import { Logger } from '@nestjs/common';
import type { QueryRunner, TableIndex } from 'typeorm';
import { isPostgres } from '../is-postgres';

// For migrations. A migration that uses these functions declares `transaction = false` and consists
// of steps that can be repeated, because it starts again from the first step when one has failed.

const logger = new Logger('Migrations');

/**
 * Builds an index, on PostgreSQL without blocking reads and writes of the table. Does nothing when
 * the index exists, and replaces the invalid index that a failed attempt has left.
 */
export async function createIndexConcurrently(
  queryRunner: QueryRunner,
  table: string,
  index: TableIndex,
): Promise<void> {
  await withoutLockTimeout(queryRunner, async () => {
    const state = await stateOf(queryRunner, index);
    if (state === 'valid') return;
    if (state === 'invalid') await dropIndex(queryRunner, table, index);
    logger.log(`Building the index ${index.name}`);
    await queryRunner.createIndex(table, concurrent(queryRunner, index));
  });
}

/** Drops an index if it exists, on PostgreSQL without blocking reads and writes of the table. */
export async function dropIndexConcurrently(
  queryRunner: QueryRunner,
  table: string,
  index: TableIndex,
): Promise<void> {
  await withoutLockTimeout(queryRunner, async () => {
    if ((await stateOf(queryRunner, index)) === 'missing') return;
    logger.log(`Dropping the index ${index.name}`);
    await dropIndex(queryRunner, table, index);
  });
}

function dropIndex(queryRunner: QueryRunner, table: string, index: TableIndex): Promise<void> {
  return queryRunner.dropIndex(table, concurrent(queryRunner, index));
}

function concurrent(queryRunner: QueryRunner, index: TableIndex): TableIndex {
  const copy = index.clone();
  copy.isConcurrent = isPostgres(queryRunner.dataSource);
  return copy;
}

/**
 * CONCURRENTLY waits for all transactions that use the table, without a limit. No request queues
 * behind it, so its wait needs no limit; the log names the index.
 */
async function withoutLockTimeout(
  queryRunner: QueryRunner,
  work: () => Promise<void>,
): Promise<void> {
  if (!isPostgres(queryRunner.dataSource)) return work();
  if (queryRunner.isTransactionActive) {
    throw new Error('A migration that uses CONCURRENTLY must declare: transaction = false');
  }
  await queryRunner.query('SET lock_timeout = 0');
  try {
    await work();
  } finally {
    await queryRunner.query('RESET lock_timeout');
  }
}

async function stateOf(
  queryRunner: QueryRunner,
  { name }: TableIndex,
): Promise<'missing' | 'invalid' | 'valid'> {
  const [row] = await queryRunner.manager.query<{ isValid: boolean | number }[]>(
    isPostgres(queryRunner.dataSource)
      ? `SELECT indisvalid AS "isValid" FROM pg_index
         WHERE indexrelid = to_regclass(quote_ident($1))`
      : `SELECT 1 AS "isValid" FROM sqlite_master WHERE type = 'index' AND name = ?`,
    [name],
  );
  if (!row) return 'missing';
  return row.isValid ? 'valid' : 'invalid';
}
