import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import type { Tracing } from '../common/tracing';
import { MalformedRequestError } from '../errors/common.errors';
import { markApiServer } from './api-servers';
import { Connection } from './connection';
import { rejectWhenServed } from './reject-malformed-requests';
import { parseRequestTarget } from './request-target';
import { RequestTurns } from './request-turns';

const MALFORMED_TARGET =
  'The request target is not valid; characters other than ASCII must be percent-encoded';

const logger = new Logger('HttpServer');

/** Express; its types leave out the last handler that it accepts. */
type Application = (
  request: IncomingMessage,
  response: ServerResponse,
  onUnhandled: (error?: unknown) => void,
) => void;

/**
 * Serves all requests of the server, and those of one connection one after another, each within its own
 * span: its turn comes while another one is served.
 */
export function serveInTurn(server: Server, application: Application, tracing: Tracing): void {
  const turns = new RequestTurns();
  markApiServer(server);
  const serve = (response: ServerResponse) => serveRequest(response, application);
  server.on('connection', () => turns.accepted());
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    Connection.of(socket).enqueue(response, turns, tracing.bind(serve));
  });
}

/** The application decides whether to ask for the body, and how to respond to other expectations. */
export function serveExpectations(server: Server): void {
  for (const event of ['checkContinue', 'checkExpectation'] as const) {
    server.on(event, (request: IncomingMessage, response: ServerResponse) => {
      server.emit('request', request, response);
    });
  }
}

/** Never throws: nothing catches what a listener of the server throws, and the process would end. */
function serveRequest(response: ServerResponse, application: Application): void {
  const { req: request } = response;
  // Called when the application and its error handler both fail. Express would respond by itself,
  // and throw if another response has begun.
  const onUnhandled = (error?: unknown) => {
    logger.error({ msg: 'A request was not handled', err: error });
    request.socket.destroy();
  };
  try {
    applyTarget(request);
    application(request, response, onUnhandled);
  } catch (error) {
    onUnhandled(error);
  }
}

/** Replaces a malformed target, because Express and its middleware throw when they parse one. */
function applyTarget(request: IncomingMessage): void {
  const target = parseRequestTarget(request.method ?? '', request.url ?? '');
  if (target === undefined) rejectWhenServed(request, new MalformedRequestError(MALFORMED_TARGET));
  request.url = target?.url ?? '/';
  if (target?.host !== undefined) request.headers.host = target.host;
}
