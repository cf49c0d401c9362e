import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import { skipLocked } from './skip-locked';

/**
 * Deletes all rows of a table that meet a condition, in batches: a single statement would block
 * other transactions, on SQLite all of them.
 * @param condition SQL on the columns of the table. It is checked again when a row is deleted, so a
 * row that no longer meets it is kept.
 * @returns how many rows were deleted
 */
export async function deleteInBatches(
  dataSource: DataSource,
  target: EntityTarget<ObjectLiteral>,
  condition: string,
  batchSize = 500,
): Promise<number> {
  const { tablePath, primaryColumns } = dataSource.getMetadata(target);
  // A row that another transaction has locked is skipped until the next call: waiting for it while
  // other rows are locked could end in a deadlock.
  const skip = skipLocked(dataSource);
  const key = primaryColumns.map(({ databaseName }) => databaseName).join(', ');
  let deleted = 0;
  for (;;) {
    const { affected } = await dataSource
      .createQueryBuilder()
      .delete()
      .from(target)
      .where(`(${condition})`)
      .andWhere(
        `(${key}) IN (SELECT ${key} FROM ${tablePath} WHERE ${condition} LIMIT ${batchSize} ${skip})`,
      )
      .execute();
    deleted += affected ?? 0;
    if ((affected ?? 0) < batchSize) return deleted;
  }
}
