import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';

/** Converts whole rows of a raw query, which have the values of the driver, to entities. */
export function hydrate<Entity extends ObjectLiteral>(
  manager: EntityManager,
  target: EntityTarget<Entity>,
  rows: readonly ObjectLiteral[],
): Entity[] {
  const { columns } = manager.dataSource.getMetadata(target);
  return rows.map((row) => {
    const entity = manager.create(target);
    for (const column of columns) {
      const value: unknown = row[column.databaseName];
      column.setEntityValue(entity, manager.dataSource.driver.prepareHydratedValue(value, column));
    }
    return entity;
  });
}
