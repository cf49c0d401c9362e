import type { Response } from 'express';
import { ETAG, setEtag } from '../api/entity-tags';
import { orderEtag } from './order-etag';
import { type OrderResponse, toOrderResponse } from './order.dto';
import type { Order } from './order.entity';

/** What a request that made something is answered with. */
export interface Answer<Body> {
  readonly status: number;
  readonly location: string;
  readonly etag: string;
  readonly body: Body;
  /** True when this is the answer to an earlier request with the same idempotency key. */
  readonly isReplayed: boolean;
}

/** Headers of such an answer, for the OpenAPI document. */
export const ANSWER_HEADERS = {
  Location: {
    description: 'Where the order is.',
    required: true,
    schema: { type: 'string', format: 'uri-reference', example: '/orders/1' },
  },
  ETag: ETAG,
  'Idempotent-Replayed': {
    description: 'Present when an earlier request with the same idempotency key was answered so.',
    schema: { type: 'string', enum: ['true'] },
  },
};

/** Sets status and headers. The body is left to be returned by the handler. */
export function giveAnswer<Body>(response: Response, answer: Answer<Body>): Body {
  response.status(answer.status).location(answer.location).set('ETag', answer.etag);
  if (answer.isReplayed) response.set('Idempotent-Replayed', 'true');
  return answer.body;
}

/** Answers with an order and its entity tag, or 304. */
export function giveOrder(response: Response, order: Order): OrderResponse {
  setEtag(response, orderEtag(order));
  return toOrderResponse(order);
}
