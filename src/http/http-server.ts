import { createServer } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express, Response } from 'express';
import { RouteResult } from '../api/route-result';
import { MAX_HEADERS } from './reject-malformed-requests';
import { serveExpectations, serveInTurn } from './serve-in-turn';

/** Time limits of connections, in milliseconds. */
export interface HttpTimeouts {
  /** From the first byte of a request, or from the connection, to the end of its headers. */
  readonly headers: number;
  /** To the end of its body. */
  readonly request: number;
  /** From a response to the next request on the same connection. */
  readonly keepAlive: number;
  /** Without a byte in either direction: ends responses that nobody reads. */
  readonly silence: number;
  /** How often the first two are checked; a request may take so much longer. */
  readonly checkInterval: number;
}

/**
 * Balancers keep idle connections for 60 s. Were the server to close them first, it might do so
 * while a balancer sends the next request, which its client sees as 502. Bodies have 100 KB at most,
 * for which half a minute is plenty.
 */
export const HTTP_TIMEOUTS: HttpTimeouts = {
  headers: 15_000,
  request: 30_000,
  keepAlive: 65_000,
  silence: 60_000,
  checkInterval: 1_000,
};

const MAX_HEADER_BYTES = 16 * 1024;

/** Nest on an HTTP server whose waits are bounded. Sends each {@link RouteResult} that a handler returns. */
export class BoundedHttpAdapter extends ExpressAdapter {
  constructor(private readonly timeouts: HttpTimeouts = HTTP_TIMEOUTS) {
    super();
  }

  override initHttpServer(): void {
    const server = createServer(
      {
        headersTimeout: this.timeouts.headers,
        requestTimeout: this.timeouts.request,
        keepAliveTimeout: this.timeouts.keepAlive,
        connectionsCheckingInterval: this.timeouts.checkInterval,
        maxHeaderSize: MAX_HEADER_BYTES,
        requireHostHeader: false, // `rejectMalformedRequests` requires it, with a problem document
      },
      serveInTurn(this.getInstance<Express>()),
    );
    server.timeout = this.timeouts.silence;
    serveExpectations(server);
    // Node.js drops further headers silently; one more than allowed, and the request is rejected.
    server.maxHeadersCount = MAX_HEADERS + 1;
    this.httpServer = server;
  }

  override reply(response: Response, returned: unknown, status?: number) {
    if (!(returned instanceof RouteResult)) return super.reply(response, returned, status);
    returned.applyTo(response);
    return super.reply(response, returned.body, status);
  }
}
