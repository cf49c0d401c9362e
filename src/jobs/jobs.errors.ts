import { DomainError } from '../common/domain-error';

/** This instance was started with `PROCESSING_ENABLED=false`. */
export class ProcessingDisabledError extends DomainError {
  constructor() {
    super('conflict', 'processing_disabled', 'This instance does not process orders');
  }
}
