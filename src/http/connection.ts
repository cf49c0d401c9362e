import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { mayHaveBody } from './json-body';
import type { RequestTurns } from './request-turns';

/** How many requests may wait on one connection. One read of the socket can hold thousands. */
const MAX_WAITING = 100;

/**
 * How long a client has to read its last response before the connection is destroyed, and for how long
 * requests are served after the client has ended its side of the connection.
 */
export const LINGER_MS = 1_000;

type Serve = (response: ServerResponse) => void;

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

  /** Those that have not closed, in the order of their requests. Only the first one is served. */
  private readonly responses = new Map<ServerResponse, Serve>();

  private served: ServerResponse | undefined;

  /** The body of the first request is read when it is served: body-parser reads none after the FIN. */
  private hasWaitingBody = false;

  private constructor(private readonly socket: Duplex) {
    // Node.js resumes sockets for reasons of its own, for example when a body was read.
    socket.on('resume', () => {
      if (this.responses.size > 1 || this.hasWaitingBody) socket.pause();
    });
    // Node.js ends the socket after the last response. The client may also have disconnected, and work
    // for it, such as a login that waits, is abandoned after this time.
    socket.once('end', () => setTimeout(() => socket.end(), LINGER_MS).unref());
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
  enqueue(response: ServerResponse, turns: RequestTurns, serve: Serve): void {
    this.isRejected = false; // headers that took too long have arrived after all
    this.responses.set(response, serve);
    response.once('close', () => {
      const wasFirst = this.isFirst(response);
      this.responses.delete(response);
      if (this.served === response) this.served = undefined; // idle connections keep no request
      if (wasFirst) this.serveNext(turns);
    });
    if (this.isFirst(response)) this.serveNext(turns);
    else if (this.responses.size > MAX_WAITING + 1) this.socket.destroy();
    else this.socket.pause();
  }

  /** Whether the application has received the request. */
  isServing(response: ServerResponse): boolean {
    return response === this.served;
  }

  /** Whether a response has not closed yet. */
  isOpen(response: ServerResponse): boolean {
    return this.responses.has(response);
  }

  /** The response to the request whose body has not arrived completely. */
  findIncomplete(): ServerResponse | undefined {
    return [...this.responses.keys()].find(({ req }) => !req.complete);
  }

  /** Waits until the responses to all requests received so far have closed. */
  async waitForResponses(): Promise<void> {
    await Promise.all([...this.responses.keys()].map(untilClosed));
  }

  /** Leaves time for a response that may be on its way. */
  destroyAfterLinger(): void {
    setTimeout(() => this.socket.destroy(), LINGER_MS).unref();
  }

  private serveNext(turns: RequestTurns): void {
    const [next] = this.responses;
    this.hasWaitingBody = next !== undefined && mayHaveBody(next[0].req);
    if (next === undefined) return;
    const [response, serve] = next;
    if (this.hasWaitingBody) this.socket.pause();
    else this.resumeUnlessOthersWait();
    turns.add(() => {
      if (this.hasWaitingBody && this.isFirst(response)) {
        this.hasWaitingBody = false;
        this.resumeUnlessOthersWait();
      }
      const isAbandoned = !this.socket.writable || this.isClosing || response.headersSent;
      if (!this.isFirst(response) || isAbandoned) return;
      this.served = response;
      serve(response);
    });
  }

  private resumeUnlessOthersWait(): void {
    if (this.responses.size === 1 && this.socket.isPaused()) this.socket.resume();
  }

  private isFirst(response: ServerResponse): boolean {
    const [first] = this.responses.keys();
    return response === first;
  }
}

/** Unlike `once` of node:events, this ignores errors. */
function untilClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('close', resolve));
}
