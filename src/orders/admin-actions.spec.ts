import { cancelAction, previewOf, restrictTo, statusesOf } from './admin-actions';
import { ORDER_STATUSES } from './order-status';

const statuses = new Map(ORDER_STATUSES.map((status, id) => [id, status] as const));

/** The statuses of the orders that an action moves. */
const movedBy = (action: ReturnType<typeof cancelAction>) =>
  Array.from(previewOf(statuses, action))
    .filter(([, code]) => code === null)
    .map(([id]) => statuses.get(id));

describe('an action of an admin', () => {
  it('moves orders in the statuses of its transitions, and rejects all others', () => {
    expect(movedBy(cancelAction(null))).toEqual(['pending', 'failed']);
    expect(statusesOf(cancelAction(null))).toEqual(['pending', 'failed']);
    const codes = new Set(previewOf(statuses, cancelAction(null)).values());
    expect(codes).toEqual(new Set([null, 'order_not_cancellable']));
  });

  it('with a filter, rejects orders that have left the statuses of the filter', () => {
    expect(movedBy(restrictTo(['failed', 'completed'], cancelAction(null)))).toEqual(['failed']);
    expect(movedBy(restrictTo(['completed'], cancelAction(null)))).toEqual([]);
  });
});
