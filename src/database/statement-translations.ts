import { LRUCache } from 'lru-cache';

/** How many statements are remembered. */
const MAX_STATEMENTS = 500;

/** The length of SQL that is remembered, or prepared, at most: statements that insert many rows are long. */
export const MAX_REMEMBERED_LENGTH = 10_000;

type Parameters = Readonly<Record<string, unknown>>;

/** Replaces the named parameters in SQL by those of the driver, and lists their values. */
type Translate = (sql: string, parameters: Parameters) => [sql: string, values: unknown[]];

interface Translation {
  /** The SQL for the driver. */
  readonly sql: string;
  /** The names of its parameters, in their order. */
  readonly names: readonly string[];
  /** How many parameters were given: with another number, other names may be in the SQL. */
  readonly given: number;
}

/** Remembers translated statements: TypeORM searches the SQL for parameters at each execution. */
export class StatementTranslations {
  private readonly bySql = new LRUCache<string, Translation>({ max: MAX_STATEMENTS });

  /** @param translate of TypeORM's driver */
  constructor(private readonly translate: Translate) {}

  /** @returns what `translate` returns */
  get(sql: string, parameters: Parameters = {}): ReturnType<Translate> {
    const given = Object.keys(parameters);
    // A list (`:...ids`) and a function become SQL, which then depends on their values.
    const isFixed =
      sql.length <= MAX_REMEMBERED_LENGTH &&
      !sql.includes(':...') &&
      given.every((name) => typeof parameters[name] !== 'function');
    if (!isFixed) return this.translate(sql, parameters);
    const known = this.bySql.get(sql);
    const isFor =
      known?.given === given.length && known.names.every((name) => Object.hasOwn(parameters, name));
    const { sql: translated, names } = isFor ? known : this.add(sql, given);
    return [translated, names.map((name) => parameters[name])];
  }

  private add(sql: string, given: readonly string[]): Translation {
    const [translated, names] = this.translate(
      sql,
      Object.fromEntries(given.map((name) => [name, name])),
    );
    const translation = { sql: translated, names: names as string[], given: given.length };
    this.bySql.set(sql, translation);
    return translation;
  }
}
