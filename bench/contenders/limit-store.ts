/** Receives the rows of a statement. SQLite has them at once, so nothing waits for a promise. */
export type Done = (rows: readonly unknown[]) => void;

/** The statements of the requests. */
export interface Store {
  one(id: number, userId: number, done: Done): void;
  newest(userId: number, done: Done): void;
  place(userId: number, name: string, amountMinor: number, done: Done): void;
}
