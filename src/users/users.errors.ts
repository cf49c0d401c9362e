import { DomainError } from '../errors/domain-error';

/** Another account has the e-mail address. */
export class EmailTakenError extends DomainError {
  constructor() {
    super(409, 'email_taken', 'Email already registered');
  }
}
