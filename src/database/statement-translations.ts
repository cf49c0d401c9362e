import { LRUCache } from 'lru-cache';

/** How many statements are remembered. */
const MAX_STATEMENTS = 500;

/** The length of a statement that is remembered, at most: those that insert many rows are long. */
const MAX_LENGTH = 10_000;

type Parameters = Readonly<Record<string, unknown>>;

/** Replaces the named parameters of a statement by those of the driver, and lists their values. */
type Translate = (sql: string, parameters: Parameters) => [sql: string, values: unknown[]];

/** A statement for the driver, and the names of its parameters in their order. */
interface Translation {
  readonly sql: string;
  readonly names: readonly string[];
}

/** Remembers translated statements: TypeORM searches the text for parameters at each execution. */
export class StatementTranslations {
  private readonly byText = new LRUCache<string, Translation>({ max: MAX_STATEMENTS });

  /** @param translate of TypeORM's driver */
  constructor(private readonly translate: Translate) {}

  /** @returns what `translate` returns */
  get(sql: string, parameters: Parameters = {}): ReturnType<Translate> {
    const known = this.byText.get(sql) ?? this.add(sql, parameters);
    if (known === undefined) return this.translate(sql, parameters);
    return [known.sql, known.names.map((name) => parameters[name])];
  }

  private add(sql: string, parameters: Parameters): Translation | undefined {
    // The text of a list parameter (`:...ids`), and that of a function, depends on its value.
    const isFixed =
      sql.length <= MAX_LENGTH &&
      !sql.includes(':...') &&
      Object.values(parameters).every((value) => typeof value !== 'function');
    if (!isFixed) return undefined;
    const asNames = Object.fromEntries(Object.keys(parameters).map((name) => [name, name]));
    const [translated, names] = this.translate(sql, asNames);
    const translation = { sql: translated, names: names as string[] };
    this.byText.set(sql, translation);
    return translation;
  }
}
