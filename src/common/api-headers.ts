import type { ApiResponseOptions } from '@nestjs/swagger';

type Header = NonNullable<ApiResponseOptions['headers']>[string];

/** Headers of answers, for the OpenAPI document. */
export const LOCATION: Header = {
  description: 'Where the order is.',
  required: true,
  schema: { type: 'string', format: 'uri-reference', example: '/orders/1' },
};

export const ETAG: Header = {
  description: 'Changes whenever the order does (RFC 9110, section 8.8.3).',
  required: true,
  schema: { type: 'string', example: '"1-0"' },
};

export const IDEMPOTENT_REPLAYED: Header = {
  description: 'Present when an earlier request with the same idempotency key was answered so.',
  schema: { type: 'string', enum: ['true'] },
};

export const LINK: Header = {
  description: 'Where the next page is (RFC 8288); absent on the last page.',
  schema: { type: 'string', example: '</orders?limit=20&cursor=…>; rel="next"' },
};
