import Database from 'better-sqlite3';

/** The releases of Node.js that abort the process when a statement of better-sqlite3 is collected. */
const AFFECTED = /^v24\.(?:19|20|21)\./;

interface NativeDatabase {
  prepare: (this: NativeDatabase, ...args: unknown[]) => object;
}

/**
 * Keeps all statements in memory on releases of Node.js that abort when one is collected
 * (https://github.com/nodejs/node/issues/65446): a server aborted before it had started. Statements are cached
 * by their SQL, so few are added.
 * @returns the statements that are kept; undefined when the release is not affected
 */
export function keepStatements(version = process.version): Set<object> | undefined {
  if (!AFFECTED.test(version)) return undefined;
  const first = nativeOf(new Database(':memory:'));
  const prototype = Object.getPrototypeOf(first) as NativeDatabase;
  const kept = new Set<object>([first]);
  const { prepare } = prototype;
  prototype.prepare = function (this: NativeDatabase, ...args) {
    const statement = prepare.apply(this, args);
    kept.add(statement).add(this);
    return statement;
  };
  return kept;
}

/** The object whose statements `prepare` and `pragma` create. */
function nativeOf(database: object): NativeDatabase {
  const isNative = (value: unknown): value is NativeDatabase =>
    typeof (value as NativeDatabase | undefined)?.prepare === 'function';
  const values = Object.getOwnPropertySymbols(database).map(
    (symbol) => (database as Record<symbol, unknown>)[symbol],
  );
  const native = values.find(isNative);
  if (!native) throw new TypeError('better-sqlite3 has no native database');
  return native;
}
