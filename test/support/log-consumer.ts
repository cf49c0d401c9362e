import { setTimeout as delay } from 'node:timers/promises';
import type { EventDto } from '../../src/events/event.dto';
import type { EventPageResponse } from '../../src/events/event-requests.dto';

interface ConsumerOptions {
  /** The URL of an instance that may run. */
  readonly url: () => string | undefined;
  readonly token: string;
  /** Default: all events, for an admin. */
  readonly path?: string;
}

/** Polls a feed as another system does, through restarts of the servers, until it is stopped. */
export class LogConsumer {
  readonly events: EventDto[] = [];
  /** The position after which it continues. */
  after = 0;
  private isStopped = false;
  private readonly running: Promise<void>;

  constructor(private readonly options: ConsumerOptions) {
    this.running = this.poll();
  }

  /** Reads what is left, and stops. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  private async poll(): Promise<void> {
    for (;;) {
      const isLast = this.isStopped;
      const page = await this.read();
      if (page) {
        this.events.push(...page.data);
        this.after = page.next_after;
      }
      if (isLast && page && !page.has_more) return;
      if (!page?.has_more) await delay(20);
    }
  }

  private async read(): Promise<EventPageResponse | undefined> {
    const { url, token, path = '/admin/events' } = this.options;
    const base = url();
    if (base === undefined) return undefined;
    try {
      const response = await fetch(new URL(`${path}?limit=500&after=${this.after}`, base), {
        headers: { Authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(10_000),
      });
      return response.ok ? ((await response.json()) as EventPageResponse) : undefined;
    } catch {
      return undefined; // the instance was killed
    }
  }
}

/** @throws Error when positions have gaps, or events of an order are missing, doubled or out of sequence */
export function checkLog(events: readonly EventDto[]): void {
  const sequences = new Map<number, number>();
  for (const [index, event] of events.entries()) {
    const { order_id, sequence } = event.data;
    const previous = sequences.get(order_id) ?? 0;
    if (event.position !== index + 1) {
      throw new Error(`Event ${index + 1} has the position ${event.position}`);
    }
    if (sequence !== previous + 1) {
      throw new Error(`Order ${order_id}: event ${sequence} follows event ${previous}`);
    }
    if (event.id !== `evt_${order_id}_${sequence}`) throw new Error(`${event.id} is misnamed`);
    sequences.set(order_id, sequence);
  }
}
