import { ServiceUnavailableError } from '../errors/common.errors';

/** The checks that have failed; those that have passed are absent. */
export interface FailedChecks {
  readonly database?: 'down';
  readonly migrations?: 'pending';
  readonly shutdown?: 'begun';
}

/** This instance cannot serve requests; others may. */
export class NotReadyError extends ServiceUnavailableError {
  /** Probes come every few seconds; the service logs each change instead. */
  override readonly isLogged = true;

  constructor(checks: FailedChecks) {
    super(undefined, undefined, { checks });
  }
}
