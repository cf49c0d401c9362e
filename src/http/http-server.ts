import { createServer } from 'node:http';
import { StreamableFile } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express, Response } from 'express';
import { Download } from '../api/download';
import { RouteResult } from '../api/route-result';
import { NoTracing, type Tracing } from '../common/tracing';
import { MAX_HEADERS } from './reject-malformed-requests';
import { sendDownload } from './send-download';
import { serveExpectations, serveInTurn } from './serve-in-turn';

/** Time limits of connections, in milliseconds. */
export const HTTP_TIMEOUTS = {
  /** From the first byte of a request, or from the connect, to the end of its headers. */
  headers: 15_000,
  /** From the same moment to the end of its body, which has at most 100 KB. */
  request: 30_000,
  /**
   * From a response to the next request on the same connection. Load balancers keep idle connections
   * for 60 s. If the server closed them first, it could do so while a balancer sends the next request,
   * which its client would see as 502.
   */
  keepAlive: 65_000,
  /** Without a byte in either direction. Ends responses that the client does not read. */
  inactivity: 60_000,
  /** How often the first two are checked. A request may exceed them by this much. */
  checkInterval: 1_000,
};

export type HttpTimeouts = Readonly<typeof HTTP_TIMEOUTS>;

/**
 * Runs Nest on an HTTP server with a limit on every wait, and sends each {@link RouteResult} and
 * {@link Download} that a handler returns.
 */
export class BoundedHttpAdapter extends ExpressAdapter {
  constructor(
    private readonly timeouts: HttpTimeouts = HTTP_TIMEOUTS,
    private readonly tracing: Tracing = new NoTracing(),
  ) {
    super();
  }

  override initHttpServer(): void {
    const server = createServer({
      headersTimeout: this.timeouts.headers,
      requestTimeout: this.timeouts.request,
      keepAliveTimeout: this.timeouts.keepAlive,
      connectionsCheckingInterval: this.timeouts.checkInterval,
      maxHeaderSize: 16 * 1024,
      requireHostHeader: false, // `rejectMalformedRequests` requires it, with a problem document
    });
    server.timeout = this.timeouts.inactivity;
    // A client may end its side after its last request; `Connection` bounds how long it is served then.
    Object.assign(server, { httpAllowHalfOpen: true }); // not in the types
    serveInTurn(server, this.getInstance<Express>(), this.tracing);
    serveExpectations(server);
    // Node.js 20 drops further headers silently, so one more than allowed is kept, and the request is
    // rejected. Node.js 24 cannot parse the request (HPE_HEADER_OVERFLOW).
    server.maxHeadersCount = MAX_HEADERS + 1;
    this.httpServer = server;
  }

  override reply(response: Response, returned: unknown, status?: number) {
    const isResult = returned instanceof RouteResult;
    if (isResult) returned.applyTo(response);
    const body: unknown = isResult ? returned.body : returned;
    if (status !== undefined) response.statusCode = status;
    if (body instanceof Download) return sendDownload(response, body);
    return isJson(body, response) ? sendJson(response, body) : super.reply(response, body, status);
  }
}

/** True for a 200 or 201 that still needs its JSON body, and nothing else. */
function isJson(body: unknown, response: Response): body is object {
  const isObject = typeof body === 'object' && body !== null && !(body instanceof StreamableFile);
  const isSuccess = response.statusCode === 200 || response.statusCode === 201;
  return isObject && isSuccess && !response.hasHeader('Content-Type');
}

/** Does what Express's `json` does here, without looking up its settings and the freshness again. */
function sendJson(response: Response, body: object): Response {
  const json = JSON.stringify(body);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(json));
  return response.end(json);
}
