import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type BeforeApplicationShutdown, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/**
 * How long connections that clients keep open may stay open, in milliseconds. Each answer closes
 * its connection by then; one that were closed unasked might just carry the next request.
 */
const KEEP_ALIVE_LIMIT_MS = 1_000;

/**
 * How long requests that have begun may still take, in milliseconds. Only a client that is slow to
 * send or to receive comes near it.
 */
const DRAIN_LIMIT_MS = 18_000;

/**
 * Knows that the application is shutting down. It does from the first moment, while running work
 * is still being finished and requests are still answered.
 */
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

  /** A command has none. */
  private get server(): Server | undefined {
    return this.adapterHost.httpAdapter?.getHttpServer() as Server | undefined;
  }
}
