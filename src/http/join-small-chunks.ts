import type { IncomingMessage } from 'node:http';

/** A body is handed on in pieces of at least this size, except for its end. */
const PIECE_BYTES = 4 * 1024;

/** A body of 100 KB in chunks of 20 bytes. Each chunk takes a microsecond, however small it is. */
const MAX_CHUNKS = 5_000;

const EMPTY = Buffer.alloc(0);

/**
 * Joins the small chunks in which a body arrives. Each chunk is an object of some 250 bytes, and a
 * client may send one for each byte: 100 KB would take 25 MB, although the limits of bodies and of
 * the buffer of an unread request, which count bytes, are met.
 *
 * Must be called before the first chunk. It replaces the method of the request itself, because
 * Express changes the prototype of requests, and a subclass would lose its methods.
 *
 * @param refuse called once, with more chunks than a client has a reason for; the rest of the body is
 * not read
 */
export function joinSmallChunks(request: IncomingMessage, refuse: () => void): void {
  if (!mayHaveBody(request)) return;
  const { socket } = request;
  const push = request.push.bind(request);
  const piece = new Piece();
  let chunks = 0;
  const pushPiece = () => piece.length === 0 || push(piece.take());

  request.push = (chunk: Buffer | null) => {
    if (chunk === null) {
      pushPiece();
      return push(null);
    }
    if (++chunks > MAX_CHUNKS) {
      if (!socket.isPaused()) socket.pause(); // also when it was resumed since
      if (chunks === MAX_CHUNKS + 1) refuse();
      return false;
    }
    if (chunk.length < PIECE_BYTES) {
      piece.append(chunk);
      return piece.length < PIECE_BYTES || pushPiece();
    }
    pushPiece();
    return push(chunk);
  };
}

function mayHaveBody({ headers }: IncomingMessage): boolean {
  const length = Number(headers['content-length'] ?? 0);
  return length !== 0 || headers['transfer-encoding'] !== undefined;
}

/** Bytes in a buffer that doubles when it is full. The only chunk of a small body is not copied. */
class Piece {
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
