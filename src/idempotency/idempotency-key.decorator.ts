import { type ExecutionContext, applyDecorators, createParamDecorator } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { ApiProblems } from '../api/api-problems.decorator';
import { ValidationFailedError } from '../errors/common.errors';
import { IdempotencyInProgressError, IdempotencyKeyReusedError } from './idempotency.errors';

const HEADER = 'Idempotency-Key';

/** Visible ASCII. Of a header that is sent twice, both values arrive with a blank between them. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Injects the idempotency key of the request, or undefined when it has none. An empty one is none
 * that could be kept.
 * @throws ValidationFailedError
 */
export const GivenIdempotencyKey = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | undefined => {
    const key = context.switchToHttp().getRequest<Request>().get(HEADER);
    if (key === undefined || KEY.test(key)) return key;
    const message = `${HEADER} must be 1 to 255 visible ASCII characters`;
    throw new ValidationFailedError([{ field: HEADER, message }]);
  },
);

/** Documents that a route takes an idempotency key. */
export const AcceptsIdempotencyKey = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: HEADER,
      required: false,
      description:
        'Chosen by the client. The same request under the same key is done once within 24 hours, ' +
        'and answered the same each time.',
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
    }),
    ApiProblems(new IdempotencyInProgressError(), new IdempotencyKeyReusedError()),
  );
