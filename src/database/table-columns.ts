import type { TableColumnOptions } from 'typeorm';

/** For migrations: the column that `@GeneratedIdColumn()` declares on an entity. */
export function generatedId(): TableColumnOptions {
  return {
    name: 'id',
    type: 'bigint',
    isPrimary: true,
    isGenerated: true,
    generationStrategy: 'increment',
  };
}

/** For migrations: the column that `@InstantColumn()` declares on an entity. */
export function instant(
  name: string,
  options: Pick<TableColumnOptions, 'isNullable'> = {},
): TableColumnOptions {
  return { name, type: 'timestamptz', precision: 3, ...options };
}

/** For migrations: the column that `@JsonColumn()` declares on an entity. */
export function json(
  name: string,
  options: Pick<TableColumnOptions, 'isNullable'> = {},
): TableColumnOptions {
  return { name, type: 'jsonb', ...options };
}
