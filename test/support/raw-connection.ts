import { type Socket, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A response as it was received. */
export interface RawResponse {
  readonly status: number;
  /** With names in lower case. */
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A connection on which tests send exactly the bytes they choose. */
export class RawConnection {
  private constructor(
    readonly socket: Socket,
    private readonly state: { received: string; isClosed: boolean },
  ) {}

  /** @param allowHalfOpen keeps the connection open for sending after the server has ended its side */
  static open(url: string, { allowHalfOpen = false } = {}): RawConnection {
    const state = { received: '', isClosed: false };
    const port = Number(new URL(url).port);
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen });
    socket.setEncoding('latin1'); // a character for each byte, as lengths count them
    socket.on('data', (received: string) => (state.received += received));
    socket.on('error', () => {}); // a reset ends the connection, too
    socket.on('close', () => (state.isClosed = true));
    return new RawConnection(socket, state);
  }

  /** Sends a request, and returns all that the server sends until it closes the connection. */
  static async exchange(url: string, request: string): Promise<string> {
    const connection = RawConnection.open(url);
    connection.send(request);
    await connection.closed();
    return connection.received;
  }

  get received(): string {
    return this.state.received;
  }

  get isClosed(): boolean {
    return this.state.isClosed;
  }

  send(bytes: string, encoding: BufferEncoding = 'utf8'): void {
    if (this.socket.writable) this.socket.write(bytes, encoding);
  }

  /** Sends the same bytes again and again until the server closes the connection. */
  sendRepeatedly(bytes: string, everyMs: number): void {
    const timer = setInterval(() => this.send(bytes), everyMs);
    this.socket.on('close', () => clearInterval(timer));
  }

  /** Waits at most this long for the end of the connection. */
  async closedWithin(ms: number): Promise<void> {
    if (this.isClosed) return;
    const timeout = new AbortController();
    // Not `once` of node:events, which rejects at the error before the end.
    this.socket.once('close', () => timeout.abort());
    await delay(ms, undefined, timeout).catch(() => undefined);
  }

  /** Without polling, as some tests have hundreds of connections. */
  async closed(deadlineMs = 25_000): Promise<void> {
    await this.closedWithin(deadlineMs);
    this.socket.destroy();
    if (this.isClosed) return;
    throw new Error(
      `The connection has not ended within ${deadlineMs} ms, and has received ` +
        JSON.stringify(this.received),
    );
  }
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) /;

/**
 * Splits what a connection received into its responses. Each has a Content-Length or no body. The
 * response to HEAD has a Content-Length without a body: the next response begins in its place.
 */
export function parseResponses(received: string): RawResponse[] {
  const responses: RawResponse[] = [];
  for (let rest = received; rest !== '';) {
    const [, status] = STATUS_LINE.exec(rest) ?? [];
    const headLength = rest.indexOf('\r\n\r\n');
    if (status === undefined || headLength < 0) throw new Error(`Not a response: ${rest}`);
    const [, ...lines] = rest.slice(0, headLength).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    const afterHead = rest.slice(headLength + 4);
    const length = STATUS_LINE.test(afterHead) ? 0 : Number(headers['content-length'] ?? 0);
    const body = Buffer.from(afterHead.slice(0, length), 'latin1').toString();
    responses.push({ status: Number(status), headers, body });
    rest = afterHead.slice(length);
  }
  return responses;
}

/** A GET request. */
export const rawGet = (headers = '', path = '/'): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers && `${headers}\r\n`}\r\n`;

/** A request with a body, to a public route. */
export const rawPost = (headers: string, body = ''): string =>
  `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;

/** Checks a problem document that is the last response of its connection. */
export function expectFinalProblem(
  response: RawResponse | undefined,
  status: number,
  code: string,
): void {
  expect(response).toMatchObject({
    status,
    headers: {
      connection: 'close',
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[\w-]+$/) as string,
    },
  });
  expect(JSON.parse(response!.body)).toEqual(
    expect.objectContaining({
      type: `/problems/${code}`,
      title: expect.any(String) as string,
      status,
      code,
      detail: expect.any(String) as string,
      instance: expect.stringMatching(/^\//) as string,
      request_id: response!.headers['x-request-id'],
    }),
  );
}
