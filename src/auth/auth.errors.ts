import { DomainError } from '../errors/domain-error';

/** Reveals neither whether the account exists nor which of the two was wrong. */
export class InvalidCredentialsError extends DomainError {
  constructor() {
    super(401, 'invalid_credentials', 'Invalid email or password');
  }
}

/** The token was never issued, or its session has ended. */
export class RefreshTokenInvalidError extends DomainError {
  constructor() {
    super(401, 'refresh_token_invalid', 'Log in again');
  }
}

/** The token was used twice, so one of the two users may have stolen it (RFC 9700, section 4.14.2). */
export class RefreshTokenReusedError extends DomainError {
  constructor() {
    super(
      401,
      'refresh_token_reused',
      'The token was used before, so its session has been ended. Log in again',
    );
  }
}

/** The same for a session that does not exist and for a session of another user. */
export class SessionNotFoundError extends DomainError {
  constructor() {
    super(404, 'session_not_found', 'Session not found');
  }
}
