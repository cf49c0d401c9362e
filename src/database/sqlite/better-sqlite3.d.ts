/** The part of better-sqlite3 that is used here. The package contains no types. */
declare module 'better-sqlite3' {
  interface Statement {
    run(...values: unknown[]): unknown;
    all(...values: unknown[]): unknown[];
    /** Integers are returned as `bigint`. */
    safeIntegers(): this;
    iterate(...values: unknown[]): IterableIterator<unknown>;
  }
  class Database {
    /** @param options `timeout`: how long a locked file blocks the thread, in milliseconds */
    constructor(
      path: string,
      options?: { readonly timeout?: number; readonly fileMustExist?: boolean },
    );
    prepare(sql: string): Statement;
    readonly inTransaction: boolean;
    exec(sql: string): this;
    pragma(sql: string): unknown;
    close(): this;
  }
  export = Database;
}
