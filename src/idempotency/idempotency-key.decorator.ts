import { type ExecutionContext, applyDecorators, createParamDecorator } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { ApiProblems } from '../api/api-problems.decorator';
import { ValidationFailedError } from '../errors/common.errors';
import { IdempotencyInProgressError, IdempotencyKeyReusedError } from './idempotency.errors';
import { parseIdempotencyKey } from './parse-idempotency-key';

const HEADER = 'Idempotency-Key';

/**
 * Injects the idempotency key of the request, or undefined when it has none. Empty keys are rejected.
 * `"k"` is the same key as `k`.
 * @throws ValidationFailedError
 */
export const IdempotencyKeyHeader = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | undefined => {
    const header = context.switchToHttp().getRequest<Request>().get(HEADER);
    if (header === undefined) return undefined;
    const key = parseIdempotencyKey(header);
    if (key !== undefined) return key;
    const rule = 'must be 1 to 255 visible ASCII characters, or a string of them in quotes';
    throw ValidationFailedError.ofField(HEADER, rule);
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
        'most once, and each repetition returns the first response. A key belongs to one path, and may ' +
        'be written as a string of structured fields: `"k"` is the same key as `k`.',
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
    }),
    ApiProblems(new IdempotencyInProgressError(), new IdempotencyKeyReusedError()),
  );
