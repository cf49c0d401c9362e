/** The database cannot be used at the moment; the same request may succeed later. */
export class DatabaseUnavailableError extends Error {
  override readonly name = this.constructor.name;
}
