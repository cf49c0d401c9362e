import type { EntityManager, EntityTarget, ObjectLiteral, UpdateQueryBuilder } from 'typeorm';

/**
 * Executes an UPDATE and answers with the rows it changed, as they are now. TypeORM leaves rows
 * of RETURNING as the driver gave them; here they become entities.
 */
export async function updateReturning<Entity extends ObjectLiteral>(
  manager: EntityManager,
  target: EntityTarget<Entity>,
  update: UpdateQueryBuilder<Entity>,
): Promise<Entity[]> {
  const { raw } = (await update.returning('*').execute()) as { raw: ObjectLiteral[] };
  const { columns } = manager.dataSource.getMetadata(target);
  return raw.map((row) => {
    const entity = manager.create(target);
    for (const column of columns) {
      const value: unknown = row[column.databaseName];
      column.setEntityValue(entity, manager.dataSource.driver.prepareHydratedValue(value, column));
    }
    return entity;
  });
}
