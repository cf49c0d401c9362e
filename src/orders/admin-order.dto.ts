import { ApiProperty } from '@nestjs/swagger';
import { PageResponse } from '../api/page.dto';
import { instantString } from '../database/hydrate';
import {
  type ListedOrder,
  OrderResponse,
  SHOWN_PROPERTIES,
  type ShownOrder,
  toOrderResponse,
} from './order.dto';
import type { Order } from './order.entity';

/** An order, as admins see it. */
export class AdminOrderResponse extends OrderResponse {
  /**
   * When the lease of a processing order expires, by the clock of the database. The instance that has
   * claimed the order renews the lease; an expired one is reclaimed. Null in every other status.
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  lease_expires_at: string | null;
}

/** One page of the list of the orders of all users. */
export class AdminOrderPageResponse extends PageResponse {
  /** Newest first. */
  data: AdminOrderResponse[];
}

/** What {@link withLeases} needs of each order. */
export const ADMIN_PROPERTIES = [
  ...SHOWN_PROPERTIES,
  'version',
  'metadataVersion',
  'leaseToken',
  'leaseExpiresAt',
] as const satisfies (keyof Order)[];

/** An order as admins see it, with the versions for its entity tag. */
export type AdminOrder = ListedOrder &
  Pick<Order, 'version' | 'metadataVersion'> & { readonly leaseExpiresAt: string | null };

const NAMES = [...SHOWN_PROPERTIES, 'version', 'metadataVersion'];

/**
 * SQL that selects orders as {@link AdminOrder}. Leases belong to the job; instances of the previous release
 * keep the expiry of a lease in the order.
 * @param orders SQL that selects them with {@link ADMIN_PROPERTIES}
 * @param more further columns of them
 */
export function withLeases(orders: string, more: readonly string[]): string {
  const names = [...NAMES, ...more].map((name) => `"${name}"`).join(', ');
  return `SELECT ${names}, COALESCE(
      (SELECT expires_at FROM order_leases WHERE token = "leaseToken"), "leaseExpiresAt"
    ) AS "leaseExpiresAt" FROM (${orders}) AS selected`;
}

/** @param order as it is listed, or as a transition has left it */
export function toAdminOrderResponse(
  order: AdminOrder | (ShownOrder & Pick<Order, 'leaseExpiresAt'>),
): AdminOrderResponse {
  const { leaseExpiresAt } = order;
  return Object.assign(toOrderResponse(order), {
    lease_expires_at: leaseExpiresAt ? instantString(leaseExpiresAt) : null,
  });
}
