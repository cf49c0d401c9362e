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

/** How some columns of an entity, or all, are selected and read. */
interface Mapping {
  readonly columnList: string;
  readonly propertyList: string;
  readonly readers: readonly ColumnReader[];
}

/** An entity whose instants are strings, as the drivers return them. */
export type WithInstantStrings<Entity> = {
  readonly [Property in keyof Entity]: Entity[Property] extends Date
    ? string
    : Entity[Property] extends Date | null
      ? string | null
      : Entity[Property];
};

/** @param instant of an entity, or as the drivers return it */
export function instantString(instant: Date | string): string {
  return typeof instant === 'string' ? instant : instant.toISOString();
}

/** By the list of properties; undefined: all. */
type Mappings = Map<readonly string[] | undefined, Mapping>;

const mappings = new WeakMap<EntityMetadata, Mappings>();

/**
 * Converts rows of a raw query, which have the values of the driver, to entities.
 * @param properties those that were given to {@link columnsOf}: the entities have no others
 */
export function hydrate<Entity extends ObjectLiteral>(
  { dataSource }: EntityManager,
  target: EntityTarget<Entity>,
  rows: readonly ObjectLiteral[],
  properties?: readonly (keyof Entity & string)[],
): Entity[] {
  const metadata = dataSource.getMetadata(target);
  const { readers } = mappingOf(dataSource, metadata, properties);
  return rows.map((row) => {
    const entity = metadata.create() as ObjectLiteral;
    for (const { column, convert, set } of readers) {
      const value: unknown = row[column];
      set(entity, convert(value));
    }
    return entity as Entity;
  });
}

/**
 * The columns of an entity, for SQL that selects or returns rows.
 * @param properties a constant, because its columns are remembered; all by default
 */
export function columnsOf<Entity extends ObjectLiteral>(
  { dataSource }: EntityManager,
  target: EntityTarget<Entity>,
  properties?: readonly (keyof Entity & string)[],
): string {
  return mappingOf(dataSource, dataSource.getMetadata(target), properties).columnList;
}

/**
 * Like {@link columnsOf}, with the names of the properties: rows of this list need no conversion, if
 * instants may stay strings. For columns of numbers, strings and instants only.
 */
export function propertiesOf<Entity extends ObjectLiteral>(
  { dataSource }: EntityManager,
  target: EntityTarget<Entity>,
  properties: readonly (keyof Entity & string)[],
): string {
  return mappingOf(dataSource, dataSource.getMetadata(target), properties).propertyList;
}

function mappingOf(
  { driver }: DataSource,
  metadata: EntityMetadata,
  properties: readonly string[] | undefined,
): Mapping {
  const ofEntity: Mappings = mappings.get(metadata) ?? new Map();
  const known = ofEntity.get(properties);
  if (known) return known;
  const columns = metadata.columns.filter(
    ({ isVirtualProperty, propertyPath }) =>
      !isVirtualProperty && (properties?.includes(propertyPath) ?? true),
  );
  const namesOf = ({ databaseName, propertyName }: ColumnMetadata) =>
    `${driver.escape(databaseName)} AS ${driver.escape(propertyName)}`;
  const mapping = {
    columnList: columns.map(({ databaseName }) => driver.escape(databaseName)).join(', '),
    propertyList: columns.map(namesOf).join(', '),
    readers: columns.map((column) => readerOf(driver, column)),
  };
  mappings.set(metadata, ofEntity.set(properties, mapping));
  return mapping;
}

function readerOf(driver: Driver, column: ColumnMetadata): ColumnReader {
  return {
    column: column.databaseName,
    convert: converterOf(driver, column),
    set: (entity, value) => {
      if (column.embeddedMetadata) column.setEntityValue(entity, value);
      else entity[column.propertyName] = value;
    },
  };
}

function converterOf(driver: Driver, column: ColumnMetadata): ColumnReader['convert'] {
  if (column.transformer === instant) return (value) => instant.from(value);
  if (PLAIN_TYPES.has(column.type) && !column.transformer) return (value) => value;
  return (value) => driver.prepareHydratedValue(value, column) as unknown;
}
