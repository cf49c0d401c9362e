import { ServiceUnavailableError } from '../common/common.errors';

/** What keeps an instance from serving requests. Members that are absent are not in its way. */
export interface FailedChecks {
  readonly database?: 'down';
  readonly migrations?: 'pending';
  readonly shutdown?: 'begun';
}

/** This instance cannot serve requests; others may. */
export class NotReadyError extends ServiceUnavailableError {
  /** Probes come every few seconds: what has changed is in the log already. */
  override readonly isLogged = true;

  constructor(checks: FailedChecks) {
    super(undefined, undefined, { checks });
  }
}
