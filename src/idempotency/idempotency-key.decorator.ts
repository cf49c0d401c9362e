import { type ExecutionContext, applyDecorators, createParamDecorator } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { ApiProblems } from '../api/api-problems.decorator';
import { ValidationFailedError } from '../errors/common.errors';
import { IdempotencyInProgressError, IdempotencyKeyReusedError } from './idempotency.errors';

const HEADER = 'Idempotency-Key';

/** Visible ASCII. Node.js joins repeated headers with a blank, so they do not match. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Injects the idempotency key of the request, or undefined when it has none. Empty keys are rejected.
 * @throws ValidationFailedError
 */
export const IdempotencyKeyHeader = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | undefined => {
    const key = context.switchToHttp().getRequest<Request>().get(HEADER);
    if (key === undefined || KEY.test(key)) return key;
    throw ValidationFailedError.ofField(HEADER, 'must be 1 to 255 visible ASCII characters');
  },
);

/** The response header of a repetition, for the OpenAPI document. */
export const IDEMPOTENT_REPLAYED = {
  description: 'Present when this is the response to an earlier request with the same key.',
  schema: { type: 'string', enum: ['true'] },
};

/** Documents that a route accepts an idempotency key. */
export const AcceptsIdempotencyKey = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: HEADER,
      required: false,
      description:
        'Chosen by the client. Within 24 hours, a request with the same key and body is performed at ' +
        'most once, and each repetition returns the first response.',
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
    }),
    ApiProblems(new IdempotencyInProgressError(), new IdempotencyKeyReusedError()),
  );
