import { RouteResult } from '../api/route-result';
import { orderEtag } from './order-etag';
import { type OrderResponse, toOrderResponse } from './order.dto';
import type { Order } from './order.entity';

/** An order as a response, with its entity tag. */
export function orderResult(order: Order): RouteResult<OrderResponse> {
  return new RouteResult(toOrderResponse(order), { etag: orderEtag(order) });
}
