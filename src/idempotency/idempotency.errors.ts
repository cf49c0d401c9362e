import { DomainError } from '../errors/domain-error';

/** The key stands for another request already. */
export class IdempotencyKeyReusedError extends DomainError {
  constructor() {
    super(
      422,
      'idempotency_key_reused',
      'The idempotency key was used for a request with another body',
    );
  }
}

/** The first request with the key is not at its end, and has kept the second one waiting. */
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
