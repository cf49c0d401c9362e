/** What went wrong, in the terms of the domain; decides the HTTP status. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'timeout'
  | 'conflict'
  | 'precondition_failed'
  | 'too_large'
  | 'unsupported'
  | 'unmet_expectation'
  | 'unprocessable'
  | 'rate_limited'
  | 'headers_too_large'
  | 'internal'
  | 'unavailable';

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
   * @param code stable, machine-readable name of the error
   * @param message the `detail` that clients read
   * @param extensions further members of the problem document (RFC 9457, section 3.2)
   */
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    readonly extensions: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}
