/** The part of better-sqlite3 that is used here. The package contains no types. */
declare module 'better-sqlite3' {
  class Database {
    /** @param options `timeout`: how long a locked file blocks the thread, in milliseconds */
    constructor(path: string, options?: { readonly timeout?: number });
    readonly inTransaction: boolean;
    exec(sql: string): this;
    pragma(sql: string): unknown;
    close(): this;
  }
  export = Database;
}
