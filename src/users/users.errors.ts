import { DomainError } from '../common/domain-error';

export class EmailTakenError extends DomainError {
  constructor() {
    super('conflict', 'email_taken', 'Email already registered');
  }
}
