import type { ApiResponseOptions } from '@nestjs/swagger';

type Header = NonNullable<ApiResponseOptions['headers']>[string];

/** Headers of answers, for the OpenAPI document. */
export const LOCATION: Header = {
  description: 'Where the order is.',
  required: true,
  schema: { type: 'string', format: 'uri-reference', example: '/orders/1' },
};
