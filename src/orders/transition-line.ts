import { type MovedOrder, type TransitionRecord, reasonOf } from './history-entries';
import { responsibleRequest } from './responsible-request';

/**
 * The log line about a transition. Its `request_id` is that of {@link responsibleRequest}. Lines of requests
 * that change the order later also have the request that placed it, as `order_request_id`.
 */
export function transitionLine(
  { id, userId, status, requestId: placedBy }: MovedOrder,
  { from, actor, reason, requestId }: TransitionRecord,
): object {
  const isBySystem = actor.type === 'system';
  const isOfLaterRequest = !isBySystem && placedBy !== requestId;
  // Fields that are undefined are not written. To add them with `...` takes microseconds.
  return {
    msg: `Order ${status}`,
    order_id: id,
    owner_id: userId,
    from,
    to: status,
    request_id: responsibleRequest(actor.type, placedBy, requestId) ?? undefined,
    order_request_id: (isOfLaterRequest ? placedBy : null) ?? undefined,
    // The reasons that users write are not logged.
    reason: (isBySystem ? reasonOf(id, reason) : null) ?? undefined,
  };
}
