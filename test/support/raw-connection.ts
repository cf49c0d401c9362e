import { type Socket, connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from './wait-until';

/** One answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** With names in lower case. */
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A connection on which everything is sent byte by byte as it is written. */
export class RawConnection {
  private constructor(
    readonly socket: Socket,
    private readonly state: { received: string; isClosed: boolean },
  ) {}

  /** @param allowHalfOpen can send on after the server said that it will not */
  static open(url: string, { allowHalfOpen = false } = {}): RawConnection {
    const state = { received: '', isClosed: false };
    const port = Number(new URL(url).port);
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen });
    socket.setEncoding('latin1'); // a character for each byte, as lengths count them
    socket.on('data', (text: string) => (state.received += text));
    socket.on('error', () => {}); // a reset ends the answer too
    socket.on('close', () => (state.isClosed = true));
    return new RawConnection(socket, state);
  }

  /** Sends a request, and gives all that the server sends until it hangs up. */
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

  send(text: string, encoding: BufferEncoding = 'utf8'): void {
    if (this.socket.writable) this.socket.write(text, encoding);
  }

  /** Sends the same piece again and again until the server hangs up. */
  sendForEver(piece: string, everyMs: number): void {
    const timer = setInterval(() => this.send(piece), everyMs);
    this.socket.on('close', () => clearInterval(timer));
  }

  /** Waits for the end of the connection, but not for longer than this. */
  async closedWithin(ms: number): Promise<void> {
    if (this.isClosed) return;
    const timeout = new AbortController();
    await Promise.race([
      once(this.socket, 'close', timeout),
      delay(ms, undefined, { signal: timeout.signal }),
    ]).catch(() => undefined);
    timeout.abort();
  }

  async closed(deadlineMs = 5_000): Promise<void> {
    try {
      await waitUntil(() => this.isClosed, {
        description: `an end of the connection; so far it got ${this.received}`,
        deadlineMs,
      });
    } finally {
      this.socket.destroy();
    }
  }
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) /;

/**
 * Splits what a connection received into its responses. Each has a Content-Length, or no body; that
 * of HEAD has both, so no body is expected where the next response begins.
 */
export function parseAnswers(received: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
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
    answers.push({ status: Number(status), headers, body });
    rest = afterHead.slice(length);
  }
  return answers;
}
