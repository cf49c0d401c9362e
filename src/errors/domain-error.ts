/**
 * An error that clients are told about. Subclasses live in the `<module>.errors.ts` of the module
 * that throws them.
 */
export abstract class DomainError extends Error {
  /** When a client may try again, in seconds, if that makes sense. */
  readonly retryAfterSeconds?: number;

  /** True when the log has it already, and needs no line for each request that gets it. */
  readonly isLogged: boolean = false;

  /**
   * @param status the HTTP status of the response
   * @param code stable, machine-readable name of the error
   * @param message the `detail` that clients read
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
