import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type BeforeApplicationShutdown, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/**
 * How long the shutdown waits for keep-alive connections, in milliseconds. Responses close their
 * connections during that time; an idle connection is not closed, as its next request may be arriving.
 */
const KEEP_ALIVE_LIMIT_MS = 1_000;

/** How long the shutdown waits for running requests, in milliseconds. Only slow clients reach it. */
const DRAIN_LIMIT_MS = 18_000;

/** What `app.close()` is called with instead of the name of a signal after an error was not caught. */
export const UNCAUGHT_ERROR = 'an error that was not caught';

/** Whether a shutdown has begun, during which running orders and requests are completed. */
@Injectable()
export class ShutdownState implements OnModuleDestroy, BeforeApplicationShutdown {
  private hasBegun = false;

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  get isShuttingDown(): boolean {
    return this.hasBegun;
  }

  onModuleDestroy(): void {
    this.hasBegun = true;
    setTimeout(() => this.server?.closeAllConnections(), DRAIN_LIMIT_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (!server?.listening) return;
    const countConnections = promisify(server.getConnections.bind(server));
    const deadline = performance.now() + KEEP_ALIVE_LIMIT_MS;
    while ((await countConnections()) > 0 && performance.now() < deadline) await delay(20);
  }

  /** Undefined in a command. */
  private get server(): Server | undefined {
    return this.adapterHost.httpAdapter?.getHttpServer() as Server | undefined;
  }
}
