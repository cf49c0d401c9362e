import { Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { PLACEMENT } from '../../test/support/placement';
import { OrderEvents } from './order-events';

describe('OrderEvents', () => {
  afterEach(() => jest.restoreAllMocks());

  it('calls the other listeners of commits when one throws, and logs the error', () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const events = new OrderEvents(new EventEmitter2());
    const other = jest.fn();
    events.onCommit(() => {
      throw new Error('broken');
    });
    events.onCommit(other);
    expect(() => events.publish(PLACEMENT, [])).not.toThrow();
    expect(other).toHaveBeenCalledTimes(1);
    expect(error).toHaveBeenCalledTimes(1);
  });
});
