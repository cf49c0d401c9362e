import { cancel, restrictTo, statusesOf } from './admin-actions';
import { previewOf } from './admin-moves';
import { ORDER_STATUSES } from './order-status';

const statuses = new Map(ORDER_STATUSES.map((status, id) => [id, status] as const));

/** The statuses of the orders that an action moves. */
const movedBy = (action: ReturnType<typeof cancel>) =>
  Array.from(previewOf(statuses, action))
    .filter(([, code]) => code === null)
    .map(([id]) => statuses.get(id));

describe('an action of an admin', () => {
  it('moves orders in the statuses of its transitions, and rejects all others', () => {
    expect(movedBy(cancel(null))).toEqual(['pending', 'failed']);
    expect(statusesOf(cancel(null))).toEqual(['pending', 'failed']);
    const codes = new Set(previewOf(statuses, cancel(null)).values());
    expect(codes).toEqual(new Set([null, 'order_not_cancellable']));
  });

  it('with a filter, rejects orders that have left the statuses of the filter', () => {
    expect(movedBy(restrictTo(['failed', 'completed'], cancel(null)))).toEqual(['failed']);
    expect(movedBy(restrictTo(['completed'], cancel(null)))).toEqual([]);
  });
});
