import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { LimitByUser } from '../api/limit-by-user.decorator';
import { OnePerUser, type OnePerUserLimit } from '../api/one-per-user.decorator';

/** A large export takes as long as hundreds of pages of a list. */
const QUOTA = { limit: 10, windowSeconds: 600 };

/**
 * Each of them reads and formats one page in each pass of the event loop. Those of admins have places of their
 * own, which customers cannot occupy.
 */
const SIMULTANEOUS = {
  own: { group: 'order-exports', perInstance: 4 },
  all: { group: 'admin-order-exports', perInstance: 2 },
} as const satisfies Record<string, OnePerUserLimit>;

/**
 * The response and the limits of a route that exports orders.
 * @param whose the orders of the user, or those of all users for an admin
 * @param example of the response
 */
export const ExportsOrders = (whose: keyof typeof SIMULTANEOUS, example: string): MethodDecorator =>
  applyDecorators(
    LimitByUser(QUOTA),
    OnePerUser(SIMULTANEOUS[whose]),
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
