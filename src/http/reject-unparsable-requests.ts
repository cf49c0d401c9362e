import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  HeadersTooLargeError,
  MalformedRequestError,
  PayloadTooLargeError,
  RequestTimeoutError,
} from '../errors/common.errors';
import type { DomainError } from '../errors/domain-error';
import { Connection } from './connection';
import type { ConnectionRejecter } from './connection-rejecter';
import { MAX_BODY_KILOBYTES } from './json-body';

/** Rejects requests that Node.js cannot parse, or that take too long to arrive. */
export function rejectUnparsableRequests(server: Server, rejecter: ConnectionRejecter): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const reason = reasonFor(error);
    if (Connection.of(socket).isRejected) return; // the parser fails on all that follows
    if (reason === undefined || (socket as Socket).bytesRead === 0) socket.destroy();
    else rejecter.reject(socket as Socket, reason, error.code);
  });
}

/** Undefined for a connection that broke. */
function reasonFor({ code = '' }: NodeJS.ErrnoException): DomainError | undefined {
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
