import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { MethodNotAllowedError } from '../errors/common.errors';
import { Connection } from './connection';
import type { ConnectionRejecter } from './connection-rejecter';

/**
 * Rejects CONNECT. Node.js stops managing the socket of such a request: it handles neither its errors
 * nor its time limits, and no longer signals to earlier responses that they can continue to write.
 * Short ones still arrive before the connection is destroyed.
 */
export function rejectTunnels(server: Server, rejecter: ConnectionRejecter): void {
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    Connection.of(socket).destroyAfterLinger();
    rejecter.reject(socket as Socket, new MethodNotAllowedError([]));
  });
}
