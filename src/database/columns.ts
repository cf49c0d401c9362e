import { Column, PrimaryColumn, type ValueTransformer } from 'typeorm';

const instant: ValueTransformer = {
  to: (value: Date | null | undefined) => value?.toISOString() ?? value,
  from: (value: Date | string | null) => (typeof value === 'string' ? new Date(value) : value),
};

/**
 * A generated positive integer. `int8` is another name for `bigint`, under which TypeORM does not
 * turn new ids into texts (https://github.com/typeorm/typeorm/issues/720).
 */
export const GeneratedIdColumn = (): PropertyDecorator =>
  PrimaryColumn({ type: 'int8', generated: 'increment' });

/**
 * An instant with milliseconds: `timestamptz(3)` on PostgreSQL, on SQLite ISO 8601 text in UTC of
 * fixed width, so that the order of the texts is the order of the instants.
 */
export const InstantColumn = (options: { name: string; nullable?: boolean }): PropertyDecorator =>
  Column({ type: 'timestamptz', precision: 3, transformer: instant, ...options });
