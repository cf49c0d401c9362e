import type { DestinationStream } from 'pino';
import { printToStderr } from '../common/print-to-stderr';
import type { LogDestination } from './log-stream';

/** How much is collected before it is written at once, in characters. */
const MAX_CHARACTERS = 64 * 1024;

/** For how long lines are collected, in milliseconds. */
const MAX_AGE_MS = 10;

/**
 * Collects the lines of some milliseconds, and writes them together to each destination: for a line
 * alone, a destination takes longer than pino takes to format it.
 */
export class LineBatches implements DestinationStream {
  private lines = '';

  constructor(private readonly destinations: readonly LogDestination[]) {
    // Before the listeners of the destinations, which write what they have buffered.
    process.prependOnceListener('exit', () => this.flushSync());
  }

  write(line: string): void {
    if (this.lines === '') setTimeout(() => this.forward(), MAX_AGE_MS);
    this.lines += line;
    if (this.lines.length > MAX_CHARACTERS) this.forward();
  }

  /** Called by pino after a line of the level `fatal`: the process may end at once. */
  flushSync(): void {
    this.take((destination, lines) => destination.writeSync(lines));
  }

  /** Resolves when all lines are written. Before the end of the process, which loses or reorders what is not. */
  async drain(): Promise<void> {
    this.forward();
    await Promise.all(this.destinations.map((destination) => destination.drain()));
  }

  private forward(): void {
    this.take((destination, lines) => destination.write(lines));
  }

  /** A destination that fails affects neither the others nor the process. */
  private take(write: (destination: LogDestination, lines: string) => void): void {
    const { lines } = this;
    this.lines = '';
    if (lines === '') return;
    for (const destination of this.destinations) {
      try {
        write(destination, lines);
      } catch (error) {
        printToStderr(`Cannot write to the log: ${String(error)}`);
      }
    }
  }
}
