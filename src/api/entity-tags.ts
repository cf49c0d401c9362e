import { type ExecutionContext, applyDecorators, createParamDecorator } from '@nestjs/common';
import { ApiHeader, ApiNotModifiedResponse } from '@nestjs/swagger';
import type { Request } from 'express';
import { PreconditionFailedError, ValidationFailedError } from '../errors/common.errors';
import { ApiProblems } from './api-problems.decorator';

/** The `ETag` header, for the OpenAPI document. */
export const ETAG = {
  description: 'Identifies this state of the resource (RFC 9110, section 8.8.3).',
  required: true,
  schema: { type: 'string', example: '"1-0"' },
};

/** A condition with more tags is rejected: no client has seen so many states of one resource. */
const MAX_ENTITY_TAGS = 100;

/**
 * One member of a list (RFC 9110, section 8.8.3), which may be empty, and the comma after it. Some
 * clients omit the quotes, so a tag without them is accepted when it has plain characters only.
 */
const MEMBER =
  /[ \t]*(?:((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"|[A-Za-z0-9][A-Za-z0-9._-]*)[ \t]*)?(?:,|$)/y;

/**
 * Proxies that compress a response change its tag: nginx and most CDNs make it weak, Apache (`-gzip`,
 * `-br`) and Jetty (`--gzip`) append the coding.
 */
const WEAK = /^W\//;
const CODING_SUFFIX = /--?(?:gzip|br|zstd|deflate)"$/;

/**
 * Parses the value of `If-Match` or `If-None-Match`.
 * @returns the entity tags as this server sent them, without the changes of proxies; undefined when the
 * value is not a list of at most {@link MAX_ENTITY_TAGS} entity tags
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
 * Injects the entity tags of `If-Match`; undefined when every state matches, because the header is absent
 * or `*`. Weak tags match too, unlike in RFC 9110, section 13.1.1: the tags of this API identify
 * versions, and a proxy that compresses a response weakens its tag without changing the version.
 * @throws ValidationFailedError when the header is malformed: a write that the client made conditional
 * must not be performed unconditionally
 */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): ReadonlySet<string> | undefined => {
    const header = context.switchToHttp().getRequest<Request>().get('If-Match');
    if (header === undefined) return undefined;
    const tags = parseEntityTags(header);
    if (tags !== undefined) return tags === '*' ? undefined : tags;
    const rule = `must be * or a list of at most ${MAX_ENTITY_TAGS} entity tags like "1-0"`;
    throw ValidationFailedError.ofField('If-Match', rule);
  },
);

/**
 * Whether the client of a GET or HEAD request has the current state already (RFC 9110, section 13.1.2).
 * A malformed `If-None-Match` is ignored: a full response is right for every client. Express does not
 * respond with 304 to clients that also send `Cache-Control: no-cache`, as `fetch` does.
 */
export function isNotModified({ method, headers }: Request, etag: string): boolean {
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch === undefined || (method !== 'GET' && method !== 'HEAD')) return false;
  const tags = parseEntityTags(ifNoneMatch);
  return tags === '*' || (tags?.has(etag) ?? false);
}

const COMPARISON =
  'A weak tag, a tag without quotes, and a tag with the suffix of a compressing proxy (`-gzip`) are ' +
  'compared as the tag itself.';

/** Documents a route that responds with 304 to a client that has the current state. */
export const ApiIfNoneMatch = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description:
        'The `ETag` of the state that the client has: the response is 304 while that is current. ' +
        COMPARISON,
      schema: { type: 'string' },
    }),
    ApiNotModifiedResponse({ description: 'Not Modified', headers: { ETag: ETAG } }),
  );

/** Documents a route that changes a resource only in a state that the client has read. */
export const ApiIfMatch = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: false,
      description:
        `The \`ETag\` of the state that the client has read, or a list of at most ${MAX_ENTITY_TAGS}: the ` +
        `response is 412 when none of them is current. ${COMPARISON}`,
      schema: { type: 'string' },
    }),
    ApiProblems(new PreconditionFailedError()),
  );
