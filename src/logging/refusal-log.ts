import type { Logger } from 'pino';
import { clientNetwork } from '../common/client-network';
import type { Tracing } from '../common/tracing';

const WINDOW_MS = 60_000;

/** How many clients are logged in a window. */
const MAX_CLIENTS = 300;

/**
 * Bounds the log lines of requests that were rejected with 429: one per client and window, of at most
 * {@link MAX_CLIENTS} clients, and at the end of the window one with the number of the other requests.
 */
export class RefusalLog {
  private readonly clients = new Set<string>();
  private unlogged = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly tracing: Pick<Tracing, 'detach'>,
  ) {}

  /**
   * Counts a request that was rejected with 429, and returns whether to log it.
   * @param address undefined when the client has disconnected
   */
  shouldLog(address: string | undefined): boolean {
    // The line at the end of the window does not belong to the trace of the first request.
    this.timer ??= this.tracing.detach(() => setTimeout(() => this.endWindow(), WINDOW_MS).unref());
    const client = clientNetwork(address ?? '');
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
