import { RELEASE_REASON } from '../orders/release-reasons';
import { eventTypeOf } from './event';

describe('eventTypeOf', () => {
  it.each([
    ...Object.values(RELEASE_REASON),
    // Entries that earlier releases have written.
    'The process that claimed it did not begin',
    'The server was shut down',
  ])('an order that was put back with the reason %j is released', (reason) => {
    const type = eventTypeOf({ from: 'processing', to: 'pending', reason });
    expect(type).toBe('order.released');
  });

  it('an order that was put back with another reason is postponed', () => {
    const type = eventTypeOf({ from: 'processing', to: 'pending', reason: 'Out of stock' });
    expect(type).toBe('order.postponed');
  });
});
