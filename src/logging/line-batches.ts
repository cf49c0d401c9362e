import type { DestinationStream } from 'pino';

/** How much is collected before it is written at once, in characters. */
const MAX_CHARACTERS = 64 * 1024;

/** A destination that can write what it has buffered without waiting. */
export interface FlushableStream extends DestinationStream {
  flushSync(): void;
}

/**
 * Collects the lines of one pass of the event loop, and writes them together to each destination: for
 * a line alone, a destination takes longer than pino takes to format it.
 */
export class LineBatches implements FlushableStream {
  private lines = '';

  constructor(private readonly destinations: readonly FlushableStream[]) {
    // Before the listeners of the destinations, which write what they have buffered.
    process.prependOnceListener('exit', () => this.forward());
  }

  write(line: string): void {
    if (this.lines === '') setImmediate(() => this.forward());
    this.lines += line;
    if (this.lines.length > MAX_CHARACTERS) this.forward();
  }

  /** Called by pino after a line of the level `fatal`. */
  flushSync(): void {
    this.forward();
    this.forEach((destination) => destination.flushSync());
  }

  private forward(): void {
    const { lines } = this;
    this.lines = '';
    if (lines !== '') this.forEach((destination) => destination.write(lines));
  }

  /** A destination that fails affects neither the others nor the process. */
  private forEach(act: (destination: FlushableStream) => void): void {
    for (const destination of this.destinations) {
      try {
        act(destination);
      } catch (error) {
        process.stderr.write(`Cannot write to the log: ${String(error)}\n`);
      }
    }
  }
}
