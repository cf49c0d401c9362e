import { normalizeIp } from '@nestjs/throttler';
import type { Logger } from 'pino';

/** How long one line stands for all requests of a client that were refused with 429. */
const WINDOW_MS = 60_000;

/** How many clients have a line of their own in a window. */
const MAX_CLIENTS = 300;

/** The owner of an IPv6 address owns all that begin with the same bits. */
const IPV6_PREFIX_BITS = 64;

/**
 * Bounds what requests over a limit write to the log: in each window one line per client, for so many
 * clients, and when it ends one with the number of those that had none.
 */
export class RefusalLog {
  private readonly clients = new Set<string>();
  private unlogged = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly logger: Logger) {}

  /**
   * Counts a request that was refused with 429.
   * @param address undefined when the client is gone already
   * @returns whether it gets a line of its own
   */
  hasLine(address: string | undefined): boolean {
    this.timer ??= setTimeout(() => this.endWindow(), WINDOW_MS).unref();
    const client = normalizeIp(address ?? '', IPV6_PREFIX_BITS);
    if (!this.clients.has(client) && this.clients.size < MAX_CLIENTS) {
      this.clients.add(client);
      return true;
    }
    this.unlogged++;
    return false;
  }

  private endWindow(): void {
    const { unlogged, clients } = this;
    this.timer = undefined;
    this.unlogged = 0;
    if (unlogged > 0) {
      const msg = 'Further requests were refused with 429';
      this.logger.info({ requests: unlogged, clients: clients.size, msg });
    }
    clients.clear();
  }
}
