import { type ExecutionContext, applyDecorators, createParamDecorator } from '@nestjs/common';
import { ApiHeader, ApiNotModifiedResponse } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ApiProblems } from './api-problems.decorator';
import { PreconditionFailedError, ValidationFailedError } from '../errors/common.errors';

/** The header, for the OpenAPI document. */
export const ETAG = {
  description: 'Names this state: another one has another tag (RFC 9110, section 8.8.3).',
  required: true,
  schema: { type: 'string', example: '"1-0"' },
};

/** A condition with more tags is rejected: nobody has seen that many states of one resource. */
const MAX_ENTITY_TAGS = 100;

/**
 * One member of a list (RFC 9110, section 8.8.3), which may be empty, and the comma after it. Some
 * clients leave the quotes out, so a tag without them is accepted when it has plain characters only.
 */
const MEMBER =
  /[ \t]*(?:((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"|[A-Za-z0-9][A-Za-z0-9._-]*)[ \t]*)?(?:,|$)/y;

/**
 * What proxies that compress add to a tag: nginx and most CDNs make it weak, Apache (`-gzip`, `-br`)
 * and Jetty (`--gzip`) append the coding.
 */
const WEAK = /^W\//;
const CODING_SUFFIX = /--?(?:gzip|br|zstd|deflate)"$/;

/**
 * Reads the value of `If-Match` or `If-None-Match`.
 * @returns the entity tags as this server has sent them, without what proxies have added, or
 * undefined when the value is not a list of at most {@link MAX_ENTITY_TAGS} entity tags
 */
export function parseEntityTags(header: string): '*' | ReadonlySet<string> | undefined {
  if (header.trim() === '*') return '*';
  const tags = new Set<string>();
  let count = 0;
  MEMBER.lastIndex = 0;
  while (MEMBER.lastIndex < header.length) {
    const member = MEMBER.exec(header);
    if (!member) return undefined;
    const [, tag] = member;
    if (tag === undefined) continue;
    if (++count > MAX_ENTITY_TAGS) return undefined;
    tags.add(asSent(tag));
  }
  return tags.size > 0 ? tags : undefined;
}

function asSent(tag: string): string {
  const quoted = tag.endsWith('"') ? tag : `"${tag}"`;
  return quoted.replace(WEAK, '').replace(CODING_SUFFIX, '"');
}

/**
 * Injects the entity tags of `If-Match`. Undefined when the header is absent, or `*`: every
 * state matches. Weak tags match as well, which RFC 9110, section 13.1.1, does not allow: the tags of this API
 * name versions, and a proxy that compresses a response weakens its tag without changing the version.
 * @throws ValidationFailedError when it is not such a list: a write that was meant to be conditional
 * must not be done without its condition
 */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): ReadonlySet<string> | undefined => {
    const header = context.switchToHttp().getRequest<Request>().get('If-Match');
    if (header === undefined) return undefined;
    const tags = parseEntityTags(header);
    if (tags !== undefined) return tags === '*' ? undefined : tags;
    const message = `If-Match must be * or a list of at most ${MAX_ENTITY_TAGS} entity tags like "1-0"`;
    throw new ValidationFailedError([{ field: 'If-Match', message }]);
  },
);

/**
 * Sets the entity tag of the response, and its status to 304 when the client of a GET has that state
 * already (RFC 9110, section 13.1.2). An `If-None-Match` that cannot be read is ignored: a full response is
 * right for every client. Express would do the same, but not for clients that also send
 * `Cache-Control: no-cache`, as `fetch` does.
 */
export function setEtag(response: Response, etag: string): void {
  response.set('ETag', etag);
  const { method, headers } = response.req;
  const isRead = method === 'GET' || method === 'HEAD';
  const tags = isRead && parseEntityTags(headers['if-none-match'] ?? '');
  if (!tags) return;
  if (tags === '*' || tags.has(etag)) response.status(304);
}

/** Documents a route that responds with 304 when the client has the current state. */
export const ApiIfNoneMatch = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description:
        'The `ETag` of what the client has: 304 when that is still current. A weak tag, one without ' +
        'quotes, and one with the suffix of a compressing proxy (`-gzip`) are compared as the tag itself.',
      schema: { type: 'string' },
    }),
    ApiNotModifiedResponse({ description: 'Not Modified', headers: { ETag: ETAG } }),
  );

/** Documents a route that changes only the state that the client has seen. */
export const ApiIfMatch = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: false,
      description:
        'The `ETag` of what the client has seen, or a list of at most 100: 412 when that has changed. ' +
        'A weak tag, one without quotes, and one with the suffix of a compressing proxy (`-gzip`) are ' +
        'compared as the tag itself.',
      schema: { type: 'string' },
    }),
    ApiProblems(new PreconditionFailedError()),
  );
