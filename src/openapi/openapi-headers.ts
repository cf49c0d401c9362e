import type { OpenAPIObject } from '@nestjs/swagger';

type Headers = NonNullable<NonNullable<OpenAPIObject['components']>['headers']>;

/** The headers that operations share: `components.headers` of the OpenAPI document. */
export const RESPONSE_HEADERS = {
  'X-Request-Id': {
    description: 'Identifies the request in the server log.',
    required: true,
    schema: { type: 'string', minLength: 1, maxLength: 128 },
  },
  'WWW-Authenticate': {
    description: 'How to authenticate (RFC 6750).',
    required: true,
    schema: { type: 'string', example: 'Bearer realm="orders"' },
  },
  'Retry-After': {
    description: 'How many seconds to wait before the next attempt (RFC 9110, section 10.2.3).',
    required: true,
    schema: { type: 'integer', minimum: 0, example: 5 },
  },
  // Structured fields of draft-ietf-httpapi-ratelimit-headers-10.
  'RateLimit-Policy': {
    description:
      'The limits that apply: `q` requests in `w` seconds. `guesses` limits failed attempts.',
    required: false,
    schema: { type: 'string', example: '"user";q=1000;w=10' },
  },
  RateLimit: {
    description:
      'What remains of each limit: `r` requests in the next `t` seconds. With 429, `r=0` marks the exceeded limit.',
    required: false,
    schema: { type: 'string', example: '"user";r=999;t=10' },
  },
} as const satisfies Headers;

export type ResponseHeader = keyof typeof RESPONSE_HEADERS;

/** References to the headers of one response. */
export function describeHeaders(
  names: readonly ResponseHeader[],
  isAlwaysSent: (name: ResponseHeader) => boolean = () => true,
): Headers {
  const describe = (name: ResponseHeader): Headers[string] =>
    isAlwaysSent(name)
      ? { $ref: `#/components/headers/${name}` }
      : { ...RESPONSE_HEADERS[name], required: false };
  return Object.fromEntries(names.map((name) => [name, describe(name)]));
}

export function isDescribedHeader(name: string): name is ResponseHeader {
  return Object.hasOwn(RESPONSE_HEADERS, name);
}
