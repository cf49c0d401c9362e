import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { HTTP_TIMEOUTS } from '../http/http-server';
import { PROMETHEUS_TEXT } from './metric-definitions';
import { MetricsPortError } from './metrics.errors';
import { MetricsText } from './metrics-text';

/** Prometheus uses one or two. */
const MAX_CONNECTIONS = 50;

/** Serves `GET /metrics`, and nothing else, on `METRICS_PORT`, until the end of the shutdown. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(MetricsServer.name);
  private server: Server | undefined;
  private hasFailed = false;

  constructor(
    private readonly metrics: MetricsText,
    private readonly config: AppConfig,
  ) {}

  /** @throws MetricsPortError, which ends the start */
  async onApplicationBootstrap(): Promise<void> {
    const { port, host } = this.config.metrics;
    if (port === undefined) return;
    const server = createMetricsServer((response) => void this.respond(response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(new MetricsPortError(error)));
      server.listen(port, host, resolve);
    });
    // An error without a listener would end the process.
    server.on('error', (error) =>
      this.logger.error({ msg: 'The metrics port failed', err: error }),
    );
    this.server = server;
    const { address, family, port: chosen } = server.address() as AddressInfo;
    const authority = family === 'IPv6' ? `[${address}]` : address;
    this.logger.log(`Metrics at http://${authority}:${chosen}/metrics`);
  }

  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  /** Never rejects. Of failures in a row, the first one is logged. */
  private async respond(response: ServerResponse): Promise<void> {
    try {
      const text = await this.metrics.get();
      response.writeHead(200, {
        'Content-Type': PROMETHEUS_TEXT,
        'Content-Length': Buffer.byteLength(text),
      });
      response.end(text);
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed) this.logger.error({ msg: 'A scrape failed', err: error });
      this.hasFailed = true;
      response.destroy();
    }
  }
}

/** A server with the time limits of the API. */
function createMetricsServer(serve: (response: ServerResponse) => void): Server {
  const server = createServer({
    headersTimeout: HTTP_TIMEOUTS.headers,
    requestTimeout: HTTP_TIMEOUTS.request,
    keepAliveTimeout: HTTP_TIMEOUTS.keepAlive,
    connectionsCheckingInterval: HTTP_TIMEOUTS.checkInterval,
    maxHeaderSize: 16 * 1024,
  });
  server.timeout = HTTP_TIMEOUTS.inactivity;
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!acquire(request.socket, response)) return;
    request.resume(); // a body is discarded
    if (isScrape(request)) serve(response);
    else response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Only GET /metrics\n');
  });
  return server;
}

/** The connections with a request whose response has not ended. */
const busy = new WeakSet<Socket>();

/**
 * Ends connections that send a request before the response to the previous one: Prometheus sends none,
 * and the responses that wait for their turn would have no bound.
 * @returns false when the connection was ended
 */
function acquire(socket: Socket, response: ServerResponse): boolean {
  if (busy.has(socket)) {
    socket.destroy();
    return false;
  }
  busy.add(socket);
  response.once('close', () => busy.delete(socket));
  return true;
}

function isScrape({ method, url = '' }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && url.split('?', 1)[0] === '/metrics';
}
