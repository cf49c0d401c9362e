import { DomainError } from '../errors/domain-error';

/** The key was used for a request with another body. */
export class IdempotencyKeyReusedError extends DomainError {
  constructor() {
    super(
      422,
      'idempotency_key_reused',
      'The idempotency key was used for a request with another body',
    );
  }
}

/** Another request with the key has not finished, and kept this one waiting for too long. */
export class IdempotencyInProgressError extends DomainError {
  override readonly retryAfterSeconds = 1;

  constructor(cause?: unknown) {
    super(
      409,
      'idempotency_in_progress',
      'A request with the same idempotency key is in progress',
      {},
      { cause },
    );
  }
}
