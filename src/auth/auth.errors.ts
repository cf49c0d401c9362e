import { DomainError } from '../common/domain-error';

/** Says neither whether the account exists nor which of the two was wrong. */
export class InvalidCredentialsError extends DomainError {
  constructor() {
    super('unauthenticated', 'invalid_credentials', 'Invalid email or password');
  }
}

/** The token was never issued, or its session has ended. */
export class RefreshTokenInvalidError extends DomainError {
  constructor() {
    super('unauthenticated', 'refresh_token_invalid', 'Log in again');
  }
}

/** Somebody has used the token before: either of the two may have stolen it (RFC 9700, 4.14.2). */
export class RefreshTokenReusedError extends DomainError {
  constructor() {
    super(
      'unauthenticated',
      'refresh_token_reused',
      'The token was used before, so its session has been ended. Log in again',
    );
  }
}

/** The same for a session that does not exist and for one that belongs to somebody else. */
export class SessionNotFoundError extends DomainError {
  constructor() {
    super('not_found', 'session_not_found', 'Session not found');
  }
}
