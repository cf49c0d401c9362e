import { type Socket, connect } from 'node:net';
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
    socket.setEncoding('utf8');
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

  send(text: string): void {
    if (this.socket.writable) this.socket.write(text);
  }

  /** Sends the same piece again and again until the server hangs up. */
  sendForEver(piece: string, everyMs: number): void {
    const timer = setInterval(() => this.send(piece), everyMs);
    this.socket.on('close', () => clearInterval(timer));
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
      body: rest.slice(headLength + 4, bodyEnd),
    });
    rest = rest.slice(bodyEnd);
  }
  return answers;
}
