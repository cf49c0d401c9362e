import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import { MalformedRequestError } from '../errors/common.errors';
import { type Connection, connectionOf } from './connection';
import { rejectWhenServed } from './reject-malformed-requests';
import { readRequestTarget } from './request-target';

/** How many requests may wait on one connection. One read of the socket can hold thousands. */
const MAX_WAITING = 100;

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
 * Receives every request of the server, and hands those of one connection to the application one
 * after another, in the order in which their responses have to be sent (RFC 9112, section 9.3.2).
 * Nothing is read from a connection while a request of it waits: served at once or read ahead, they
 * would hold memory and open files for a client that reads nothing.
 */
export function serveInTurn(application: Application): RequestListener {
  return (request, response) => {
    const { socket } = request;
    const connection = connectionOf(socket);
    connection.isRejected = false; // the headers that took too long have arrived after all
    connection.unfinished.add(response);
    response.once('close', () => {
      connection.unfinished.delete(response);
      if (connection.current === response) serveNext(connection, application);
    });
    if (connection.current === undefined) serveNext(connection, application);
    else if (connection.unfinished.size > MAX_WAITING + 1) socket.destroy();
    else stopReading(request, connection);
  };
}

/** The application decides whether to ask for the body, and how to respond to other expectations. */
export function serveExpectations(server: Server): void {
  for (const event of ['checkContinue', 'checkExpectation'] as const) {
    server.on(event, (request: IncomingMessage, response: ServerResponse) => {
      server.emit('request', request, response);
    });
  }
}

function serveNext(connection: Connection, application: Application): void {
  const [response] = connection.unfinished;
  connection.current = response;
  if (response === undefined) return;
  const { req: request } = response;
  if (connection.unfinished.size === 1 && connection.isReadingLimited) request.socket.resume();
  const isGivenUp = !request.socket.writable || connection.isClosing || response.headersSent;
  if (!isGivenUp) serve(request, response, application);
}

/** Never throws: nothing catches what a listener of the server throws, and the process would end. */
function serve(request: IncomingMessage, response: ServerResponse, application: Application): void {
  // Reached when the application and its error handler both fail. Express would respond by itself,
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

/** Express and its middleware parse the target wherever they need it, so it is made parsable. */
function applyTarget(request: IncomingMessage): void {
  const target = readRequestTarget(request.method ?? '', request.url ?? '');
  if (target === undefined) rejectWhenServed(request, new MalformedRequestError(MALFORMED_TARGET));
  request.url = target?.url ?? '/';
  if (target?.host !== undefined) request.headers.host = target.host;
}

/** Node.js resumes a socket for reasons of its own, such as a body that was read. */
function stopReading({ socket }: IncomingMessage, connection: Connection): void {
  socket.pause();
  if (connection.isReadingLimited) return;
  connection.isReadingLimited = true;
  socket.on('resume', () => {
    if (connection.unfinished.size > 1) socket.pause();
  });
}
