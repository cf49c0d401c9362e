import type { Response } from 'express';
import { setEtag } from '../api/entity-tags';
import { orderEtag } from './order-etag';
import { type OrderResponse, toOrderResponse } from './order.dto';
import type { Order } from './order.entity';

/** Responds with an order and its entity tag, or with 304. */
export function respondWithOrder(response: Response, order: Order): OrderResponse {
  setEtag(response, orderEtag(order));
  return toOrderResponse(order);
}
