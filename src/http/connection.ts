import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What the server remembers of a connection, beside what Node.js does. */
export interface Connection {
  /** Responses that have not ended, in the order of their requests. */
  readonly unfinished: Set<ServerResponse>;
  /** The response that is being made; those after it wait. */
  current: ServerResponse | undefined;
  /** Reading stops while a request waits. */
  isReadingLimited: boolean;
  /** The parser failed on the connection, and the client is told once the earlier responses ended. */
  isRejected: boolean;
  /** The last response was sent, so what still arrives is ignored (RFC 9112, section 9.6). */
  isClosing: boolean;
}

const connections = new WeakMap<Duplex, Connection>();

/** The state of a connection, which lives as long as its socket. */
export function connectionOf(socket: Duplex): Connection {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const connection: Connection = {
    unfinished: new Set(),
    current: undefined,
    isReadingLimited: false,
    isRejected: false,
    isClosing: false,
  };
  connections.set(socket, connection);
  return connection;
}
