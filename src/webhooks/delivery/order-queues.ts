/** An event in a queue. */
export interface Queued {
  readonly position: number;
  readonly orderId: number;
}

/**
 * Events to send, of which those of one order are sent one after another, and those of different orders at the
 * same time.
 */
export class OrderQueues<Item extends Queued> {
  private readonly queues = new Map<number, Item[]>();
  /** Orders of which no event is being sent, the longest waiting first. */
  private readonly ready: number[] = [];

  /** @param items those of one order in their sequence */
  constructor(items: readonly Item[]) {
    for (const item of items) {
      const queue = this.queues.get(item.orderId);
      if (queue) queue.push(item);
      else {
        this.queues.set(item.orderId, [item]);
        this.ready.push(item.orderId);
      }
    }
  }

  /** @returns the next event, after which no other one of its order is taken until {@link end} */
  take(): Item | undefined {
    const orderId = this.ready.shift();
    return orderId === undefined ? undefined : this.queues.get(orderId)?.shift();
  }

  /**
   * The request with an event has ended.
   * @param goesOn false when the events after it must wait for its retry
   * @returns these events, which are not sent any more
   */
  end({ orderId }: Item, goesOn: boolean): readonly Item[] {
    const rest = this.queues.get(orderId) ?? [];
    if (goesOn && rest.length > 0) {
      this.ready.push(orderId);
      return [];
    }
    this.queues.delete(orderId);
    return rest;
  }
}
