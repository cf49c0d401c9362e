import { ETAG } from '../api/entity-tags';
import { RouteResult } from '../api/route-result';

/** The response to a request that created a resource. */
export interface IdempotentResponse<Body> {
  readonly status: number;
  readonly location: string;
  readonly etag: string;
  readonly body: Body;
  /** True when this is the stored response to an earlier request with the same idempotency key. */
  readonly isReplayed: boolean;
}

/** The headers of such a response, for the OpenAPI document. */
export const IDEMPOTENT_RESPONSE_HEADERS = {
  Location: {
    description: 'The URL of the order.',
    required: true,
    schema: { type: 'string', format: 'uri-reference', example: '/orders/1' },
  },
  ETag: ETAG,
  'Idempotent-Replayed': {
    description: 'Present when this is the response to an earlier request with the same key.',
    schema: { type: 'string', enum: ['true'] },
  },
};

export function idempotentResult<Body>(response: IdempotentResponse<Body>): RouteResult<Body> {
  const { body, isReplayed, ...rest } = response;
  const headers: Record<string, string> = isReplayed ? { 'Idempotent-Replayed': 'true' } : {};
  return new RouteResult(body, { ...rest, headers });
}
