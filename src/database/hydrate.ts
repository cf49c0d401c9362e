import type {
  ColumnType,
  DataSource,
  EntityManager,
  EntityMetadata,
  EntityTarget,
  ObjectLiteral,
} from 'typeorm';
import type { Driver } from 'typeorm/driver/Driver.js';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { instant } from './columns';

/** The types whose values both drivers return as the entities have them. */
const PLAIN_TYPES: ReadonlySet<ColumnType> = new Set<ColumnType>([
  'bigint',
  'int8',
  'integer',
  'text',
  'varchar',
]);

interface ColumnReader {
  readonly column: string;
  readonly convert: (value: unknown) => unknown;
  readonly set: (entity: ObjectLiteral, value: unknown) => void;
}

const columnReaders = new WeakMap<EntityMetadata, readonly ColumnReader[]>();
const columnLists = new WeakMap<EntityMetadata, string>();

/** Converts whole rows of a raw query, which have the values of the driver, to entities. */
export function hydrate<Entity extends ObjectLiteral>(
  { dataSource }: EntityManager,
  target: EntityTarget<Entity>,
  rows: readonly ObjectLiteral[],
): Entity[] {
  const metadata = dataSource.getMetadata(target);
  const readers = columnReaders.get(metadata) ?? createReaders(dataSource, metadata);
  return rows.map((row) => {
    const entity = metadata.create() as ObjectLiteral;
    for (const { column, convert, set } of readers) {
      const value: unknown = row[column];
      set(entity, convert(value));
    }
    return entity as Entity;
  });
}

/** The columns of an entity, for SQL that selects or returns whole rows. */
export function columnsOf<Entity extends ObjectLiteral>(
  { dataSource }: EntityManager,
  target: EntityTarget<Entity>,
): string {
  const metadata = dataSource.getMetadata(target);
  const known = columnLists.get(metadata);
  if (known !== undefined) return known;
  const list = metadata.columns
    .filter(({ isVirtualProperty }) => !isVirtualProperty)
    .map(({ databaseName }) => dataSource.driver.escape(databaseName))
    .join(', ');
  columnLists.set(metadata, list);
  return list;
}

function createReaders({ driver }: DataSource, metadata: EntityMetadata): readonly ColumnReader[] {
  const readers = metadata.columns.map((column) => ({
    column: column.databaseName,
    convert: converterOf(driver, column),
    set: (entity: ObjectLiteral, value: unknown): void => {
      if (column.embeddedMetadata) column.setEntityValue(entity, value);
      else entity[column.propertyName] = value;
    },
  }));
  columnReaders.set(metadata, readers);
  return readers;
}

/** TypeORM's conversion of a value takes longer than reading it, and most values need none. */
function converterOf(driver: Driver, column: ColumnMetadata): ColumnReader['convert'] {
  if (column.transformer === instant) return (value) => instant.from(value);
  if (PLAIN_TYPES.has(column.type) && !column.transformer) return (value) => value;
  return (value) => driver.prepareHydratedValue(value, column) as unknown;
}
