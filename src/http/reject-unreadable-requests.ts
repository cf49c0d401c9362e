import { randomUUID } from 'node:crypto';
import { IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Logger } from '@nestjs/common';
import type { Request } from 'express';
import {
  HeadersTooLargeError,
  MalformedRequestError,
  MethodNotAllowedError,
  PayloadTooLargeError,
  RequestTimeoutError,
} from '../errors/common.errors';
import type { DomainError } from '../errors/domain-error';
import { toDomainError } from './to-domain-error';
import type { RefusalLog } from '../logging/refusal-log';
import { requestIdOf } from '../logging/request-context';
import { connectionOf } from './connection';
import { joinSmallChunks } from './join-small-chunks';
import { MAX_BODY_KILOBYTES } from './json-body';
import type { CountRefusal } from './problem-details.filter';
import { rejectWhenServed } from './reject-malformed-requests';
import type { SecurityHeaders } from './security-headers';
import { sendProblem } from './send-problem';

/** How long a client may take to read why its connection ends, in milliseconds. */
const FAREWELL_MS = 1_000;

const CHUNKS = 'The request body arrives in too many chunks';

const logger = new Logger('HttpServer');

/** What responses of the application have from its middleware. */
export interface Surroundings {
  readonly protect: SecurityHeaders;
  readonly countRefusal: CountRefusal;
  readonly refusals: RefusalLog;
}

/**
 * Sends problem documents where Node.js would respond by itself, or hang up: to requests that it
 * cannot read, that take too long, that want a tunnel, or whose body comes in too many chunks.
 */
export function rejectUnreadableRequests(server: Server, surroundings: Surroundings): void {
  const { protect, countRefusal, refusals } = surroundings;
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    // Node.js no longer watches a socket that was asked for a tunnel, nor tells the earlier responses
    // that they may go on writing. Those that are short still get through.
    socket.on('error', () => socket.destroy());
    setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
    reject(socket as Socket, new MethodNotAllowedError([]));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    joinSmallChunks(request, () => {
      const { socket } = request;
      const { unfinished, isRejected } = connectionOf(socket);
      if (!unfinished.has(response)) socket.destroy();
      else if (!isRejected) reject(socket, new PayloadTooLargeError(MAX_BODY_KILOBYTES, CHUNKS));
    });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const reason = reasonOf(error);
    if (connectionOf(socket).isRejected) return; // what follows on the connection fails as well
    if (reason === undefined || (socket as Socket).bytesRead === 0) socket.destroy();
    else reject(socket as Socket, reason, error.code);
  });

  /** Never throws or rejects: nothing would catch it, and the process would end. */
  function reject(socket: Socket, error: DomainError, cause?: string): void {
    connectionOf(socket).isRejected = true;
    respond(socket, error, cause).catch((failure: unknown) => {
      logger.error({ msg: 'A malformed request got no response', err: failure });
      socket.destroy();
    });
  }

  /** Requests before the one that failed get their responses first. */
  async function respond(socket: Socket, error: DomainError, cause?: string): Promise<void> {
    const connection = connectionOf(socket);
    const responses = [...connection.unfinished];
    const failed = responses.find(({ req }) => !req.complete);
    if (!socket.writable) {
      socket.destroySoon(); // the client has left; what was written may still be on its way
    } else if (connection.isClosing || failed?.headersSent) {
      hangUpSoon(socket);
    } else if (failed === undefined) {
      await Promise.all(responses.map(hasClosed));
      await respondWithoutRequest(socket, error, cause);
    } else if (failed === connection.current) {
      await respondTo(failed, error);
    } else {
      rejectWhenServed(failed.req, error);
    }
  }

  async function respondTo(response: ServerResponse, reason: DomainError): Promise<void> {
    const request = response.req as Request;
    const error = await countRefusal(request.ip, response).then(() => reason, toDomainError);
    if (response.headersSent) {
      hangUpSoon(request.socket);
      return;
    }
    response.setHeader('Connection', 'close');
    sendProblem(response, error, { instance: request.path, requestId: requestIdOf(request) });
  }

  /** Of a request whose headers were not read, there is neither a path nor a line of its own. */
  async function respondWithoutRequest(socket: Socket, reason: DomainError, cause?: string) {
    const { remoteAddress } = socket;
    const requestId = randomUUID();
    const request = new IncomingMessage(socket);
    const response = new ServerResponse(request);
    const error = await countRefusal(remoteAddress, response).then(() => reason, toDomainError);
    if (!connectionOf(socket).isRejected) return;
    if (!socket.writable) {
      socket.destroySoon();
      return;
    }
    response.assignSocket(socket);
    response.setHeader('X-Request-Id', requestId);
    response.setHeader('Connection', 'close');
    request.complete = true; // there is nothing left to read of it
    response.once('finish', () => {
      socket.end();
      hangUpSoon(socket);
    });
    protect(request, response, () => sendProblem(response, error, { instance: '/', requestId }));
    if (error.status === 429 && !refusals.shouldLog(remoteAddress)) return;
    logger.log({ msg: 'Request not served', request_id: requestId, code: error.code, cause });
  }
}

/** A response may be on its way. */
function hangUpSoon(socket: Socket): void {
  setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
}

/** Unlike `once` of node:events it ignores an error before. */
function hasClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('close', resolve));
}

/** Undefined for a connection that broke. */
function reasonOf({ code = '' }: NodeJS.ErrnoException): DomainError | undefined {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RequestTimeoutError();
    case 'HPE_HEADER_OVERFLOW':
      return new HeadersTooLargeError();
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new PayloadTooLargeError(MAX_BODY_KILOBYTES);
    default:
      return code.startsWith('HPE_') ? new MalformedRequestError() : undefined;
  }
}
