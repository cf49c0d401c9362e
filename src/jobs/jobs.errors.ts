import { DomainError } from '../errors/domain-error';

/** This instance was started with `PROCESSING_ENABLED=false`. */
export class ProcessingDisabledError extends DomainError {
  constructor() {
    super(409, 'processing_disabled', 'This instance does not process orders');
  }
}
