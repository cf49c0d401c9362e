import { writeSync } from 'node:fs';
import { destination } from 'pino';
import { printToStderr } from '../common/print-to-stderr';

/** Maximum size of the buffer of a stream; further lines are dropped. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** For how long a pipe whose reader is slow may block the process, in milliseconds. */
const MAX_BLOCKED_MS = 200;

const RETRY_MS = 5;

/** A place that lines are written to. */
export interface LogDestination {
  /** Never waits, and never fails. */
  write(lines: string): void;
  /** Has written the lines when it returns, if it can. Never fails: the process may be ending. */
  writeSync(lines: string): void;
  /** Resolves when the lines of `write` are written, or cannot be. A reader that reads nothing delays it for ever. */
  drain(): Promise<void>;
}

export type LogTarget =
  { readonly fd: number } | { readonly dest: string; readonly mkdir: boolean };

/**
 * Writes lines in another thread. A full disk, a lost mount or a reader that stops reading loses lines and
 * does not stop the server: an `error` event without a listener would end the process, an unbounded
 * buffer would fill its memory.
 */
export class LogStream implements LogDestination {
  private readonly stream: ReturnType<typeof destination> & { readonly fd?: number };
  private isBroken = false;
  private isIdle = true;
  private hasEnded = false;

  /** @param name is part of the reports on stderr */
  constructor(
    private readonly name: string,
    target: LogTarget,
  ) {
    this.stream = destination({ ...target, sync: false, maxLength: MAX_BUFFERED_BYTES });
    this.stream.on('error', (error: Error) => this.fail(error));
    this.stream.on('write', () => (this.isBroken = false));
    this.stream.on('drain', () => (this.isIdle = true));
    // pino calls it when the process exits. It would try again for ever, and block the process.
    const flush = this.stream.flushSync.bind(this.stream);
    this.stream.flushSync = () => {
      if (!this.isBroken) flush();
    };
  }

  /** Calls back when the target is open; never, when it cannot be opened. */
  onReady(callback: (fd: number) => void): void {
    this.stream.once('ready', () => callback(this.stream.fd ?? -1));
  }

  write(lines: string): void {
    this.isIdle = false;
    this.stream.write(lines);
  }

  drain(): Promise<void> {
    if (this.isIdle || this.isBroken) return Promise.resolve();
    return new Promise((resolve) => {
      this.stream.once('drain', resolve);
      this.stream.once('error', () => resolve());
    });
  }

  /** Lines that wait for the other thread follow later. */
  writeSync(lines: string): void {
    const { fd = -1 } = this.stream;
    if (fd < 0) {
      this.write(lines); // it is not open yet
      return;
    }
    let rest = Buffer.from(lines);
    const deadline = performance.now() + MAX_BLOCKED_MS;
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(fd, rest));
      } catch (error) {
        if (!isBusy(error)) {
          this.fail(error as Error);
          return;
        }
        if (performance.now() > deadline) {
          this.write(rest.toString());
          return;
        }
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      }
    }
  }

  /** Closes the target when all lines are written. */
  end(): void {
    if (!this.hasEnded) this.stream.end();
    this.hasEnded = true;
  }

  private fail(error: Error): void {
    if (!this.isBroken) printToStderr(`Cannot write to ${this.name}: ${error.message}`);
    this.isBroken = true;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
