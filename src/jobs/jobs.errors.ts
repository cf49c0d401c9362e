import { DomainError } from '../errors/domain-error';

/**
 * Thrown by version 2.0 only, where an instance could not wake others. It is described until the next
 * major version, because clients may refer to it.
 */
export class ProcessingDisabledError extends DomainError {
  constructor() {
    super(409, 'processing_disabled', 'This instance does not process orders');
  }
}
