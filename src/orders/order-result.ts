import { RouteResult, type StatusAndHeaders } from '../api/route-result';
import { type AdminOrder, type AdminOrderResponse, toAdminOrderResponse } from './admin-order.dto';
import { adminOrderEtag, orderEtag } from './order-etag';
import { type OrderResponse, toOrderResponse } from './order.dto';
import type { OrderWithMetadata } from './order-metadata-rows';

/** An order as a response, with its entity tag. */
export function orderResult(
  order: OrderWithMetadata,
  extras: StatusAndHeaders = {},
): RouteResult<OrderResponse> {
  return new RouteResult(toOrderResponse(order), { ...extras, etag: orderEtag(order) });
}

/** An order as admins see it as a response, with its entity tag. */
export function adminOrderResult(
  order: OrderWithMetadata | AdminOrder,
): RouteResult<AdminOrderResponse> {
  return new RouteResult(toAdminOrderResponse(order), { etag: adminOrderEtag(order) });
}
