import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** How many requests may wait on one connection. One read of the socket can hold thousands. */
const MAX_WAITING = 100;

/** How long a client has to read its last response before the connection is destroyed. */
export const LINGER_MS = 1_000;

const connections = new WeakMap<Duplex, Connection>();

/**
 * Follows the requests of one connection, and serves them one after another, in the order in which
 * their responses have to be sent (RFC 9112, section 9.3.2). Nothing is read from the connection while
 * a request waits: served at once or read ahead, requests would hold memory and open files for a
 * client that reads nothing.
 */
export class Connection {
  /** The client is sent a problem once the earlier responses have ended; see `ConnectionRejecter`. */
  isRejected = false;

  /** The last response was sent. Requests that still arrive are ignored (RFC 9112, section 9.6). */
  isClosing = false;

  /** Those that have not closed, in the order of their requests. The first one is being served. */
  private readonly responses = new Set<ServerResponse>();

  private constructor(private readonly socket: Duplex) {
    // Node.js resumes sockets for reasons of its own, for example when a body was read.
    socket.on('resume', () => {
      if (this.responses.size > 1) socket.pause();
    });
  }

  static of(socket: Duplex): Connection {
    let connection = connections.get(socket);
    if (connection === undefined) {
      connection = new Connection(socket);
      connections.set(socket, connection);
    }
    return connection;
  }

  /** Serves a request when those before it have been responded to, unless the connection closes. */
  enqueue(response: ServerResponse, serve: (response: ServerResponse) => void): void {
    this.isRejected = false; // headers that took too long have arrived after all
    this.responses.add(response);
    response.once('close', () => {
      const wasServed = this.isServing(response);
      this.responses.delete(response);
      if (wasServed) this.serveNext(serve);
    });
    if (this.isServing(response)) this.serveNext(serve);
    else if (this.responses.size > MAX_WAITING + 1) this.socket.destroy();
    else this.socket.pause();
  }

  isServing(response: ServerResponse): boolean {
    const [served] = this.responses;
    return response === served;
  }

  /** Whether a response has not closed yet. */
  isOpen(response: ServerResponse): boolean {
    return this.responses.has(response);
  }

  /** The response to the request whose body has not arrived completely. */
  findIncomplete(): ServerResponse | undefined {
    return [...this.responses].find(({ req }) => !req.complete);
  }

  /** Waits until the responses to all requests received so far have closed. */
  async waitForResponses(): Promise<void> {
    await Promise.all([...this.responses].map(untilClosed));
  }

  /** Leaves time for a response that may be on its way. */
  destroyAfterLinger(): void {
    setTimeout(() => this.socket.destroy(), LINGER_MS).unref();
  }

  private serveNext(serve: (response: ServerResponse) => void): void {
    const [response] = this.responses;
    if (response === undefined) return;
    if (this.responses.size === 1 && this.socket.isPaused()) this.socket.resume();
    const isAbandoned = !this.socket.writable || this.isClosing || response.headersSent;
    if (!isAbandoned) serve(response);
  }
}

/** Unlike `once` of node:events, this ignores errors. */
function untilClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('close', resolve));
}
