import { fstat, type Stats } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { printToStderr } from '../common/print-to-stderr';
import { type LogDestination, LogStream } from './log-stream';

/** Size at which the file is renamed and a new one begun, in bytes. */
const MAX_BYTES = 50_000_000;

/** How many renamed files are kept: `api.log.1`, the newest, to `api.log.5`. */
const KEPT = 5;

/** How often the file is looked at, in milliseconds. Meanwhile it may exceed its maximum size. */
const CHECK_INTERVAL_MS = 1_000;

export interface Options {
  readonly maxBytes?: number;
  readonly checkIntervalMs?: number;
}

/**
 * The log file. It is rotated by its size, so that it does not fill the disk where nothing else rotates
 * it. Another process may rename the file, too: logrotate, or a server that writes to the same one.
 */
export class LogFile implements LogDestination {
  private current: LogStream;
  private opening: LogStream | undefined;
  /** Identifies the open file; undefined while it is not known. */
  private inode: number | undefined;
  private isRotatedByOthers = false;
  private isChecking = false;
  private cannotRotate = false;
  private readonly maxBytes: number;
  private readonly checks: NodeJS.Timeout;

  constructor(
    private readonly name: string,
    { maxBytes = MAX_BYTES, checkIntervalMs = CHECK_INTERVAL_MS }: Options = {},
  ) {
    this.maxBytes = maxBytes;
    this.current = this.open();
    this.checks = setInterval(() => void this.check(), checkIntervalMs).unref();
  }

  write(lines: string): void {
    this.current.write(lines);
  }

  writeSync(lines: string): void {
    this.current.writeSync(lines);
  }

  drain(): Promise<void> {
    return this.current.drain();
  }

  /** The file was renamed by somebody who does so from now on. */
  wasRotated(): void {
    this.isRotatedByOthers = true;
    this.reopen();
  }

  /** For tests. */
  close(): void {
    clearInterval(this.checks);
    this.current.end();
    this.opening?.end();
  }

  /** Rotates a file that is too large, and opens the new one of a file that was renamed. Never rejects. */
  private async check(): Promise<void> {
    // A new file that cannot be opened was reported. Another attempt follows after SIGHUP only.
    if (this.isChecking || this.opening !== undefined || this.inode === undefined) return;
    this.isChecking = true;
    try {
      const file = await stat(this.name).catch(() => undefined);
      if (file === undefined || file.ino !== this.inode) this.reopen();
      else if (this.isTooLarge(file)) await this.rotate();
    } catch (error) {
      if (!this.cannotRotate) {
        printToStderr(`Cannot rotate the log file: ${String(error)}`);
      }
      this.cannotRotate = true; // reported once, and tried again
    } finally {
      this.isChecking = false;
    }
  }

  private isTooLarge(file: Stats): boolean {
    return !this.isRotatedByOthers && file.isFile() && file.size >= this.maxBytes;
  }

  private async rotate(): Promise<void> {
    for (let number = KEPT - 1; number > 0; number--) {
      await rename(`${this.name}.${number}`, `${this.name}.${number + 1}`).catch(ignoreMissing);
    }
    // Missing when another process, which writes to the same file, has just renamed it.
    await rename(this.name, `${this.name}.1`).catch(ignoreMissing);
    this.cannotRotate = false;
    this.reopen();
  }

  /** Until the new file is open, lines are written to the old one. */
  private reopen(): void {
    this.opening = this.open();
  }

  private open(): LogStream {
    const stream = new LogStream('the log file', { dest: this.name, mkdir: true });
    stream.onReady((fd) => {
      if (this.opening !== undefined && stream !== this.opening) {
        stream.end(); // it was opened again meanwhile
        return;
      }
      if (stream !== this.current) this.current.end();
      this.current = stream;
      this.opening = undefined;
      fstat(fd, (error, stats) => (this.inode = error ? undefined : stats.ino));
    });
    return stream;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
