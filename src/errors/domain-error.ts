/**
 * An error that clients receive as a problem document. A subclass is declared in the
 * `<module>.errors.ts` of the module that throws it.
 */
export abstract class DomainError extends Error {
  /** The `Retry-After` header of the response, in seconds. */
  readonly retryAfterSeconds?: number;

  /** True when it is logged already, so that the responses with it are not. */
  readonly isLogged: boolean = false;

  /**
   * @param status the HTTP status of the response
   * @param code identifies the error to programs, and never changes
   * @param message the `detail` of the problem document, for people
   * @param extensions further members of the problem document (RFC 9457, section 3.2)
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly extensions: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}
