import type { ApiResponseOptions } from '@nestjs/swagger';

type Header = NonNullable<ApiResponseOptions['headers']>[string];

/** Headers of answers, for the OpenAPI document. */
export const LINK: Header = {
  description: 'Where the next page is (RFC 8288); absent on the last page.',
  schema: { type: 'string', example: '</orders?limit=20&cursor=…>; rel="next"' },
};
