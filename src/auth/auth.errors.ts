import { DomainError } from '../common/domain-error';

/** Says neither whether the account exists nor which of the two was wrong. */
export class InvalidCredentialsError extends DomainError {
  constructor() {
    super('unauthenticated', 'invalid_credentials', 'Invalid email or password');
  }
}
