import { randomUUID } from 'node:crypto';
import { IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Logger } from '@nestjs/common';
import type { Request, RequestHandler } from 'express';
import {
  ExpectationFailedError,
  HeadersTooLargeError,
  MalformedRequestError,
  MethodNotAllowedError,
  PayloadTooLargeError,
  RequestTimeoutError,
} from '../common/common.errors';
import type { DomainError } from '../common/domain-error';
import { MAX_BODY_KILOBYTES } from './json-body';
import { nameOf } from '../common/request-context';
import type { SecurityHeaders } from './security-headers';
import { sendProblem } from './send-problem';

/** How long a client may take to read why its connection ends, in milliseconds. */
const FAREWELL_MS = 1_000;

/**
 * Gives problem documents where Node.js would answer by itself, or hang up: to requests that it
 * cannot read, that take too long, or that want a tunnel.
 */
export function answerClientErrors(server: Server, securityHeaders: SecurityHeaders): void {
  const logger = new Logger('HttpServer');
  const unfinished = new WeakMap<Duplex, Set<ServerResponse>>();
  const dismissed = new WeakSet<Duplex>();

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const responses = unfinished.get(request.socket) ?? new Set();
    unfinished.set(request.socket, responses.add(response));
    response.once('close', () => responses.delete(response));
    dismissed.delete(request.socket); // it has come after all
  });
  // The application decides whether to ask for the body, and what to say to other expectations.
  for (const event of ['checkContinue', 'checkExpectation'] as const) {
    server.on(event, (request: IncomingMessage, response: ServerResponse) =>
      server.emit('request', request, response),
    );
  }
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    dismissed.add(socket);
    void answer(socket as Socket, new MethodNotAllowedError([]));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (dismissed.has(socket)) return; // what follows on the connection fails as well
    const reason = toDomainError(error);
    if (reason === undefined || (socket as Socket).bytesRead === 0) {
      socket.destroy();
      return;
    }
    dismissed.add(socket);
    void answer(socket as Socket, reason, error.code);
  });

  /** Requests before the one that failed are answered first. */
  async function answer(socket: Socket, error: DomainError, cause?: string): Promise<void> {
    const responses = [...(unfinished.get(socket) ?? [])];
    const failed = responses.find(({ req }) => !req.complete);
    if (failed === undefined) {
      await Promise.all(responses.map(hasClosed));
      if (dismissed.has(socket)) dismiss(socket, error, cause);
    } else if (failed.headersSent) {
      setTimeout(() => socket.destroy(), FAREWELL_MS).unref(); // it may still be on its way
    } else {
      const request = failed.req as Request;
      failed.setHeader('Connection', 'close');
      sendProblem(failed, error, { instance: request.path, requestId: nameOf(request) });
    }
  }

  function dismiss(socket: Socket, error: DomainError, cause?: string): void {
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    const requestId = randomUUID();
    const request = new IncomingMessage(socket);
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.setHeader('X-Request-Id', requestId);
    response.setHeader('Connection', 'close');
    request.complete = true; // there is nothing left to read of it
    response.once('finish', () => {
      socket.end();
      setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
    });
    securityHeaders(request, response, () =>
      sendProblem(response, error, { instance: '/', requestId }),
    );
    logger.log({ msg: 'Request not served', request_id: requestId, code: error.code, cause });
  }
}

/** Unlike `once` of node:events it does not mind an error before. */
function hasClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('close', resolve));
}

/** Undefined for a connection that broke. */
function toDomainError({ code = '' }: NodeJS.ErrnoException): DomainError | undefined {
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

/** Refuses what HTTP/1.1 requires to be refused, or permits to. Older clients expect nothing. */
export function refuseUnservable(): RequestHandler {
  return (request, response, next) => {
    const { expect = '100-continue' } = request.headers;
    if (!isWellFormed(request)) {
      response.setHeader('Connection', 'close');
      next(new MalformedRequestError());
    } else if (request.httpVersion === '1.1' && !/^100-continue$/i.test(expect)) {
      next(new ExpectationFailedError());
    } else {
      next();
    }
  };
}

/** A name or an address, and maybe a port (RFC 3986, section 3.2). */
const HOST = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d*)?$/i;

/**
 * What Node.js lets pass although proxies may read it in another way: hosts (RFC 9112, section 3.2)
 * and transfer codings (section 6.1).
 */
function isWellFormed({ httpVersion, headersDistinct }: Request): boolean {
  const { host: hosts = [], 'transfer-encoding': codings = [] } = headersDistinct;
  if (httpVersion !== '1.1') return hosts.length <= 1 && codings.length === 0;
  const [host] = hosts;
  const isOneHost = hosts.length === 1 && host !== undefined && HOST.test(host);
  return isOneHost && codings.every((coding) => /^chunked$/i.test(coding));
}
