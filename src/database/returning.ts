import type { EntityManager, EntityTarget, ObjectLiteral, UpdateQueryBuilder } from 'typeorm';
import { hydrate } from './hydrate';

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
  return hydrate(manager, target, raw);
}
