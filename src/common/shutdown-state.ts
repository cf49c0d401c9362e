import type { Server } from 'node:http';
import { Server as TcpServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AppConfig } from '../config/app-config';

/**
 * How long the shutdown waits for keep-alive connections, in milliseconds. Responses close their
 * connections during that time; an idle connection is not closed, as its next request may be arriving.
 */
const KEEP_ALIVE_LIMIT_MS = 1_000;

/** How long the shutdown waits for running requests, in milliseconds. Only slow clients reach it. */
const DRAIN_LIMIT_MS = 18_000;

/** What `app.close()` is called with instead of the name of a signal after an error was not caught. */
export const UNCAUGHT_ERROR = 'an error that was not caught';

/** The signal by which orchestrators stop an instance that balancers may still send requests to. */
export const DELAYED_SHUTDOWN_SIGNAL = 'SIGTERM';

/**
 * How far a shutdown has come, during which running orders and requests are completed. After SIGTERM,
 * `SHUTDOWN_DELAY_SECONDS` give balancers the time to notice that the instance is not ready any more.
 */
@Injectable()
export class ShutdownState implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(ShutdownState.name);
  private begunAt: number | undefined;
  private areConnectionsClosing = false;
  private readonly closingListeners: (() => void)[] = [];
  private readonly delayEnd = new AbortController();

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly config: AppConfig,
  ) {}

  /** The instance is not ready, and claims no orders. It still serves requests. */
  get isShuttingDown(): boolean {
    return this.begunAt !== undefined;
  }

  /** Responses ask clients to close their connections, because the shutdown waits for them. */
  get closesConnections(): boolean {
    return this.areConnectionsClosing;
  }

  /** Calls a listener when {@link closesConnections} becomes true, for responses that do not end by themselves. */
  onClosingConnections(listener: () => void): void {
    this.closingListeners.push(listener);
  }

  onModuleDestroy(): void {
    this.begunAt = performance.now();
    if (this.config.http.shutdownDelayMs === 0) this.beginClosingConnections();
  }

  /** Stops waiting for balancers: after a second signal, or an error that was not caught. */
  endDelay(): void {
    this.delayEnd.abort();
  }

  /** @param cause is the signal, or {@link UNCAUGHT_ERROR} */
  async beforeApplicationShutdown(cause?: string): Promise<void> {
    const { server } = this;
    if (!server?.listening) return;
    const begunAt = this.begunAt ?? performance.now();
    const { shutdownDelayMs } = this.config.http;
    let limitMs = DRAIN_LIMIT_MS;
    if (cause === DELAYED_SHUTDOWN_SIGNAL && shutdownDelayMs > 0) {
      // Running orders were completed meanwhile, so part of the time has passed.
      await this.waitForBalancers(begunAt + shutdownDelayMs);
      limitMs += Math.min(shutdownDelayMs, performance.now() - begunAt);
      // Before clients are asked to close their connections: those that open others are refused, and a
      // proxy sends their requests elsewhere. A connection that waits to be accepted would be reset. The
      // method of the HTTP server would also close idle ones, on which requests may be arriving.
      TcpServer.prototype.close.call(server);
    }
    this.beginClosingConnections();
    const remainingMs = begunAt + limitMs - performance.now();
    setTimeout(() => server.closeAllConnections(), remainingMs).unref();
    const countConnections = promisify(server.getConnections.bind(server));
    const deadline = performance.now() + KEEP_ALIVE_LIMIT_MS;
    while ((await countConnections()) > 0 && performance.now() < deadline) await delay(20);
  }

  private beginClosingConnections(): void {
    if (this.areConnectionsClosing) return;
    this.areConnectionsClosing = true;
    for (const listener of this.closingListeners) {
      try {
        listener();
      } catch (error) {
        this.logger.error({ msg: 'A listener failed', err: error });
      }
    }
  }

  private async waitForBalancers(until: number): Promise<void> {
    const { signal } = this.delayEnd;
    await delay(until - performance.now(), undefined, { signal }).catch(() => undefined);
  }

  /** Undefined in a command. */
  private get server(): Server | undefined {
    return this.adapterHost.httpAdapter?.getHttpServer() as Server | undefined;
  }
}
