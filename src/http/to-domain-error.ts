import { HttpException } from '@nestjs/common';
import { isDatabaseUnavailable } from '../database/database.errors';
import {
  ForbiddenError,
  InternalError,
  RouteNotFoundError,
  ServiceUnavailableError,
  ValidationFailedError,
} from '../errors/common.errors';
import { DomainError } from '../errors/domain-error';

/** Converts anything that was thrown while a request was served to a domain error. */
export function toDomainError(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown;
  if (isDatabaseUnavailable(thrown) || isOutOfDescriptors(thrown)) {
    return new ServiceUnavailableError(undefined, thrown);
  }
  if (thrown instanceof HttpException) return fromHttpException(thrown);
  return new InternalError(thrown);
}

/** While connections hold all file descriptors, files of the explorer cannot be opened. */
function isOutOfDescriptors(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return false;
  return thrown.code === 'EMFILE' || thrown.code === 'ENFILE';
}

/** Only the framework throws these; the application has errors of its own. */
function fromHttpException(exception: HttpException): DomainError {
  const status = exception.getStatus();
  switch (status) {
    case 400: // a path that is not valid percent-encoding
      return new ValidationFailedError([{ field: 'path', message: 'path is not valid' }]);
    case 403:
      return new ForbiddenError();
    case 404:
      return new RouteNotFoundError();
    case 503:
      return new ServiceUnavailableError(undefined, exception);
    default:
      // Below 500: conditions and ranges that the files of the explorer cannot satisfy.
      return status < 500
        ? new ValidationFailedError([{ field: 'headers', message: 'headers cannot be satisfied' }])
        : new InternalError(exception);
  }
}
