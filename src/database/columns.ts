import { Column, PrimaryColumn, type ValueTransformer } from 'typeorm';

/** Converts an instant. Rows have strings; on PostgreSQL, TypeORM makes a `Date` of them before. */
export const instant: ValueTransformer = {
  to: (value: Date | null | undefined) => value?.toISOString() ?? value,
  from: (value: Date | string | null) => (typeof value === 'string' ? new Date(value) : value),
};

/**
 * A generated positive integer. `int8` is an alias of `bigint`; with this name TypeORM does not
 * convert new ids to strings (https://github.com/typeorm/typeorm/issues/720).
 */
export const GeneratedIdColumn = (): PropertyDecorator =>
  PrimaryColumn({ type: 'int8', generated: 'increment' });

/**
 * An instant with milliseconds: `timestamptz(3)` on PostgreSQL, and on SQLite `text` in ISO 8601 and
 * UTC. The strings have a fixed width, so they sort in the order of the instants.
 */
export const InstantColumn = (options: { name: string; nullable?: boolean }): PropertyDecorator =>
  Column({ type: 'timestamptz', precision: 3, transformer: instant, ...options });

/** JSON: `jsonb` on PostgreSQL, and `text` on SQLite. Entities have the parsed value. */
export const JsonColumn = (options: { name: string; nullable?: boolean }): PropertyDecorator =>
  Column({ type: 'jsonb', ...options });
