import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { LimitByUser } from '../api/limit-by-user.decorator';
import { OnePerUser } from '../api/one-per-user.decorator';

/** A large export takes as long as hundreds of pages of a list. */
const QUOTA = { limit: 10, windowSeconds: 600 };

/** Each of them reads and formats one page in each pass of the event loop. */
const SIMULTANEOUS = { group: 'order-exports', perInstance: 4 };

/**
 * The response and the limits of a route that exports orders.
 * @param example of the response
 */
export const ExportsOrders = (example: string): MethodDecorator =>
  applyDecorators(
    LimitByUser(QUOTA),
    OnePerUser(SIMULTANEOUS),
    ApiOkResponse({
      description: 'The orders, after a header with the names of the fields (RFC 4180).',
      headers: {
        'Content-Disposition': {
          description: 'The file name (RFC 6266).',
          required: true,
          schema: { type: 'string', example: 'attachment; filename="orders.csv"' },
        },
      },
      content: {
        'text/csv': {
          schema: { type: 'string' },
          example,
        },
      },
    }),
  );
