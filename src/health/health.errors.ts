import { ServiceUnavailableError } from '../errors/common.errors';

/** The failed checks. A check that succeeded is absent. */
export interface FailedChecks {
  readonly database?: 'down';
  readonly migrations?: 'pending';
  readonly shutdown?: 'begun';
}

/** This instance cannot serve requests. */
export class NotReadyError extends ServiceUnavailableError {
  /** Probes come every few seconds, so `ReadinessService` logs each change instead. */
  override readonly isLogged = true;

  constructor(checks: FailedChecks) {
    super(undefined, undefined, { checks });
  }
}
