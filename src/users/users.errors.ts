import { DomainError } from '../common/domain-error';

/** Another account has the address. */
export class EmailTakenError extends DomainError {
  constructor() {
    super('conflict', 'email_taken', 'Email already registered');
  }
}
