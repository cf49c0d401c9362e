import type {
  DeleteQueryBuilder,
  EntityManager,
  EntityTarget,
  ObjectLiteral,
  UpdateQueryBuilder,
} from 'typeorm';
import { hydrate } from './hydrate';

/**
 * Executes an UPDATE or a DELETE and answers with the rows it changed, as the statement left them.
 * TypeORM leaves rows of RETURNING as the driver gave them; here they become entities.
 */
export async function executeReturning<Entity extends ObjectLiteral>(
  manager: EntityManager,
  target: EntityTarget<Entity>,
  statement: UpdateQueryBuilder<Entity> | DeleteQueryBuilder<Entity>,
): Promise<Entity[]> {
  const { raw } = (await statement.returning('*').execute()) as { raw: ObjectLiteral[] };
  return hydrate(manager, target, raw);
}
