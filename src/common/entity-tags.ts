import { type ExecutionContext, applyDecorators, createParamDecorator } from '@nestjs/common';
import { ApiHeader, ApiNotModifiedResponse } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ApiProblems } from './api-problems.decorator';
import { PreconditionFailedError, ValidationFailedError } from './common.errors';

/** The header, for the OpenAPI document. */
export const ETAG = {
  description: 'Names this state: another one has another tag (RFC 9110, section 8.8.3).',
  required: true,
  schema: { type: 'string', example: '"1-0"' },
};

/** RFC 9110, section 8.8.3. One member of a list, which may be empty, and the comma after it. */
const MEMBER = /[ \t]*(?:((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y;

/**
 * Reads the value of `If-Match` or `If-None-Match`.
 * @returns the entity tags as they were given, or undefined when that is no list of them
 */
export function parseEntityTags(header: string): '*' | string[] | undefined {
  if (header.trim() === '*') return '*';
  const tags: string[] = [];
  MEMBER.lastIndex = 0;
  while (MEMBER.lastIndex < header.length) {
    const member = MEMBER.exec(header);
    if (!member) return undefined;
    if (member[1] !== undefined) tags.push(member[1]);
  }
  return tags.length > 0 ? tags : undefined;
}

/**
 * Injects the entity tags of `If-Match`, to be compared as texts, so that a weak one equals none
 * (RFC 9110, section 13.1.1). Undefined when the header is absent, or `*`: any state will do.
 * @throws ValidationFailedError when it is no list of entity tags: a write that was meant to be
 * conditional must not be done without its condition
 */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): readonly string[] | undefined => {
    const header = context.switchToHttp().getRequest<Request>().get('If-Match');
    if (header === undefined) return undefined;
    const tags = parseEntityTags(header);
    if (tags !== undefined) return tags === '*' ? undefined : tags;
    const message = 'If-Match must be * or a list of entity tags like "1-0"';
    throw new ValidationFailedError([{ field: 'If-Match', message }]);
  },
);

/**
 * Sets the entity tag of the answer, and makes it 304 when the client of a GET has that already:
 * weak comparison (RFC 9110, section 13.1.2). An `If-None-Match` that cannot be read is ignored;
 * the answer is a full one then. Express would do the same, but not for clients that also send
 * `Cache-Control: no-cache`, as `fetch` does.
 */
export function giveEtag(response: Response, etag: string): void {
  response.set('ETag', etag);
  const { method, headers } = response.req;
  const isRead = method === 'GET' || method === 'HEAD';
  const tags = isRead && parseEntityTags(headers['if-none-match'] ?? '');
  if (!tags) return;
  if (tags === '*' || tags.some((tag) => tag.replace(/^W\//, '') === etag)) response.status(304);
}

/** Documents a route that answers 304 to who has the current state. */
export const ApiIfNoneMatch = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description: 'The `ETag` of what the client has: 304 when that is still current.',
      schema: { type: 'string' },
    }),
    ApiNotModifiedResponse({ description: 'Not Modified', headers: { ETag: ETAG } }),
  );

/** Documents a route that changes only what the client has seen. */
export const ApiIfMatch = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'The `ETag` of what the client has seen: 412 when that has changed.',
      schema: { type: 'string' },
    }),
    ApiProblems(new PreconditionFailedError()),
  );
