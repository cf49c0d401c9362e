import { ValidationFailedError } from '../errors/common.errors';
import { DomainError } from '../errors/domain-error';

/** The retention of orders has deleted events after the position. */
export class PositionExpiredError extends DomainError {
  /** @param oldestPosition from which no event was deleted */
  constructor(oldestPosition: number) {
    super(410, 'position_expired', 'Events after this position were deleted', {
      oldest_position: oldestPosition,
    });
  }
}

/** @param field from which a position comes that is above the latest one */
export function unassignedPosition(field: string): ValidationFailedError {
  return ValidationFailedError.ofField(field, 'must not be above the latest position');
}
