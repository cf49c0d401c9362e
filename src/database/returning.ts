import type {
  DeleteQueryBuilder,
  EntityManager,
  EntityTarget,
  ObjectLiteral,
  UpdateQueryBuilder,
} from 'typeorm';
import { columnsOf, hydrate } from './hydrate';
import { namedQuery } from './named-query';

/** SQL with named parameters. */
export class SqlExpression {
  constructor(
    readonly sql: string,
    readonly parameters: Readonly<Record<string, unknown>>,
  ) {}
}

/** Values of a new row by property; a function returns the SQL of the value. */
export type NewRow<Entity> = {
  readonly [Property in keyof Entity]?: Entity[Property] | SqlExpression | (() => string);
};

/**
 * Executes an UPDATE or a DELETE and returns the rows that it changed, as the statement left them.
 * TypeORM returns rows with the values of the driver; this function converts them to entities.
 */
export async function executeReturning<Entity extends ObjectLiteral>(
  manager: EntityManager,
  target: EntityTarget<Entity>,
  statement: UpdateQueryBuilder<Entity> | DeleteQueryBuilder<Entity>,
): Promise<Entity[]> {
  const returning = statement.returning(columnsOf(manager, target));
  const { raw } = (await returning.execute()) as { raw: ObjectLiteral[] };
  return hydrate(manager, target, raw);
}

/** Inserts a row and returns it as stored, including the values that the database computed. */
export async function insertReturning<Entity extends ObjectLiteral>(
  manager: EntityManager,
  target: EntityTarget<Entity>,
  row: NewRow<Entity>,
): Promise<Entity> {
  const { sql, parameters } = insertStatement(manager, target, row);
  const [inserted] = hydrate(
    manager,
    target,
    await namedQuery<ObjectLiteral>(manager, sql, parameters),
  );
  if (!inserted) throw new TypeError('An INSERT returned no row');
  return inserted;
}

/** The statement that inserts a row, if a condition is met, and returns its columns. */
export function insertStatement<Entity extends ObjectLiteral>(
  manager: EntityManager,
  target: EntityTarget<Entity>,
  row: NewRow<Entity>,
  condition?: SqlExpression,
): SqlExpression {
  const { driver } = manager.dataSource;
  const { tablePath, columns } = manager.dataSource.getMetadata(target);
  const insertedColumns = columns.filter(({ propertyName }) => row[propertyName] !== undefined);
  const parameters: Record<string, unknown> = { ...condition?.parameters };
  const values = insertedColumns.map((column) => {
    const { propertyName } = column;
    const value: unknown = row[propertyName];
    if (typeof value === 'function') return (value as () => string)();
    if (value instanceof SqlExpression) {
      Object.assign(parameters, value.parameters);
      return value.sql;
    }
    const name = `new_${propertyName}`; // must differ from the parameter names of the expressions
    parameters[name] = driver.preparePersistentValue(value, column);
    return `:${name}`;
  });
  const names = insertedColumns.map(({ databaseName }) => databaseName).join(', ');
  const where = condition ? ` WHERE ${condition.sql}` : '';
  return new SqlExpression(
    `INSERT INTO ${tablePath} (${names}) SELECT ${values.join(', ')}${where}
     RETURNING ${columnsOf(manager, target)}`,
    parameters,
  );
}
