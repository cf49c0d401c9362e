import { OrderQueues } from './order-queues';

const event = (orderId: number, position: number) => ({ orderId, position });

describe('OrderQueues', () => {
  it('takes one event of each order at a time, in the order of arrival', () => {
    const queues = new OrderQueues([event(1, 1), event(2, 2), event(1, 3), event(3, 4)]);
    expect([queues.take(), queues.take(), queues.take()]).toEqual([
      event(1, 1),
      event(2, 2),
      event(3, 4),
    ]);
    expect(queues.take()).toBeUndefined();
    expect(queues.end(event(1, 1), true)).toEqual([]);
    expect(queues.take()).toEqual(event(1, 3));
    expect(queues.take()).toBeUndefined();
  });

  it('lets orders take turns', () => {
    const queues = new OrderQueues([event(1, 1), event(1, 2), event(1, 3), event(2, 4)]);
    const taken: number[] = [];
    for (let next = queues.take(); next; next = queues.take()) {
      taken.push(next.position);
      queues.end(next, true);
    }
    expect(taken).toEqual([1, 4, 2, 3]);
  });

  it('returns the rest of an order that does not go on, and takes nothing of it', () => {
    const queues = new OrderQueues([event(1, 1), event(1, 2), event(1, 3), event(2, 4)]);
    const first = queues.take()!;
    expect(queues.end(first, false)).toEqual([event(1, 2), event(1, 3)]);
    expect(queues.take()).toEqual(event(2, 4));
    expect(queues.take()).toBeUndefined();
  });

  it('ends with the last event of an order', () => {
    const queues = new OrderQueues([event(1, 1)]);
    expect(queues.end(queues.take()!, true)).toEqual([]);
    expect(queues.take()).toBeUndefined();
  });
});
