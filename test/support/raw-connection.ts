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

const STATUS_LINE = /^HTTP\/1\.1 \d{3} /;

/** Like {@link parseAnswers}, but some of the responses may be those to HEAD, without a body. */
export function splitResponses(received: string): RawAnswer[] {
  const responses: RawAnswer[] = [];
  for (let rest = received; rest !== '';) {
    if (!STATUS_LINE.test(rest)) throw new Error(`Not the start of a response: ${rest}`);
    const headEnd = rest.indexOf('\r\n\r\n') + 4;
    const isBodiless = headEnd === rest.length || STATUS_LINE.test(rest.slice(headEnd));
    const head = rest.slice(0, headEnd);
    const length = isBodiless ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    const [response] = parseAnswers(head.replace(/^content-length: .*\r\n/im, ''));
    const body = Buffer.from(rest.slice(headEnd, headEnd + length), 'latin1').toString();
    responses.push({ ...response!, body });
    rest = rest.slice(headEnd + length);
  }
  return responses;
}

/** Splits what a connection received into its answers. Those must tell their lengths. */
export function parseAnswers(received: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = received; rest !== '';) {
    const headLength = rest.indexOf('\r\n\r\n');
    if (headLength < 0) throw new Error(`No end of the headers: ${rest}`);
    const [statusLine = '', ...lines] = rest.slice(0, headLength).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    const bodyEnd = headLength + 4 + Number(headers['content-length'] ?? 0);
    answers.push({
      status: Number(statusLine.split(' ')[1]),
      headers,
      body: Buffer.from(rest.slice(headLength + 4, bodyEnd), 'latin1').toString(),
    });
    rest = rest.slice(bodyEnd);
  }
  return answers;
}
