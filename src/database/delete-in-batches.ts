import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';

/**
 * Deletes all rows of a table that meet a condition, some at a time: one statement for all would
 * keep others waiting, on SQLite every one of them.
 * @param condition SQL on the columns of the table. It is checked again when a row is deleted, so
 * that a row which stopped meeting it in the meantime stays.
 * @returns how many rows were deleted
 */
export async function deleteInBatches(
  dataSource: DataSource,
  target: EntityTarget<ObjectLiteral>,
  condition: string,
  batchSize = 500,
): Promise<number> {
  const { tablePath, primaryColumns } = dataSource.getMetadata(target);
  // A row that another transaction has locked is left to the next time: waiting for it while others
  // are held could end in a deadlock.
  const skip = dataSource.options.type === 'postgres' ? ' FOR UPDATE SKIP LOCKED' : '';
  const key = primaryColumns.map(({ databaseName }) => databaseName).join(', ');
  let deleted = 0;
  for (;;) {
    const { affected } = await dataSource
      .createQueryBuilder()
      .delete()
      .from(target)
      .where(`(${condition})`)
      .andWhere(
        `(${key}) IN (SELECT ${key} FROM ${tablePath} WHERE ${condition} LIMIT ${batchSize}${skip})`,
      )
      .execute();
    deleted += affected ?? 0;
    if ((affected ?? 0) < batchSize) return deleted;
  }
}
