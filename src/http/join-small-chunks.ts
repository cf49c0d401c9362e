import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { PayloadTooLargeError } from '../errors/common.errors';
import { Connection } from './connection';
import type { ConnectionRejecter } from './connection-rejecter';
import { MAX_BODY_KILOBYTES, mayHaveBody } from './json-body';

/** Joined chunks have at least this size, except for the last one of a body. */
const JOINED_BYTES = 4 * 1024;

/** A body of 100 KB in chunks of 20 bytes. Each chunk of any size takes a microsecond to parse. */
const MAX_CHUNKS = 5_000;

const EMPTY = Buffer.alloc(0);

/** Joins the small chunks of all request bodies, and rejects bodies in too many chunks. */
export function joinChunksOfRequests(server: Server, rejecter: ConnectionRejecter): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    joinSmallChunks(request, () => {
      const { socket } = request;
      const connection = Connection.of(socket);
      const detail = 'The request body arrives in too many chunks';
      const error = new PayloadTooLargeError(MAX_BODY_KILOBYTES, detail);
      if (!connection.isOpen(response)) socket.destroy();
      else if (!connection.isRejected) rejecter.reject(socket, error);
    });
  });
}

/**
 * Joins the small chunks in which a body arrives. Each chunk is an object of some 250 bytes, and a
 * client may send one for each byte: 100 KB would take 25 MB. The limits of bodies, and of the buffer of
 * an unread request, do not prevent that because they count bytes.
 *
 * Must be called before the first chunk. It replaces `push` on the request itself, because Express
 * changes the prototype of requests, so that methods of a subclass would be lost.
 *
 * @param reject called once, when the body has too many chunks; the rest of it is not read
 */
export function joinSmallChunks(request: IncomingMessage, reject: () => void): void {
  if (!mayHaveBody(request)) return;
  const { socket } = request;
  const push = request.push.bind(request);
  const joined = new GrowingBuffer();
  let chunks = 0;
  const pushJoined = () => joined.length === 0 || push(joined.take());

  request.push = (chunk: Buffer | null) => {
    if (chunk === null) {
      pushJoined();
      return push(null);
    }
    if (++chunks > MAX_CHUNKS) {
      if (!socket.isPaused()) socket.pause(); // again, when something has resumed it
      if (chunks === MAX_CHUNKS + 1) reject();
      return false;
    }
    if (chunk.length < JOINED_BYTES) {
      joined.append(chunk);
      return joined.length < JOINED_BYTES || pushJoined();
    }
    pushJoined();
    return push(chunk);
  };
}

/** Doubles its size when it is full. A single chunk is not copied. */
class GrowingBuffer {
  length = 0;
  private buffer: Buffer = EMPTY;

  append(chunk: Buffer): void {
    const length = this.length + chunk.length;
    if (this.length === 0) this.buffer = chunk;
    else {
      if (length > this.buffer.length) this.growTo(length);
      this.buffer.set(chunk, this.length);
    }
    this.length = length;
  }

  take(): Buffer {
    const taken = this.buffer.subarray(0, this.length);
    this.length = 0;
    this.buffer = EMPTY;
    return taken;
  }

  private growTo(length: number): void {
    const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.buffer.length));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}
