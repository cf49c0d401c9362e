import type { ActorType } from './order-status';
import type { Order } from './order.entity';

/**
 * The request that a transition belongs to: what the system does belongs to the request that placed the
 * order, all else to the request that causes it.
 */
export function responsibleRequest(
  actor: ActorType,
  placedBy: string | null,
  causedBy: string | null,
): string | null {
  return actor === 'system' ? placedBy : causedBy;
}

/** The fields of a line that the system logs about an order; see {@link responsibleRequest}. */
export function fieldsOf({ id, requestId }: Pick<Order, 'id' | 'requestId'>) {
  // A field that is undefined is not written, also when another request started the run.
  return { order_id: id, request_id: responsibleRequest('system', requestId, null) ?? undefined };
}
