import { format } from 'node:util';
import { type DiagLogger, ROOT_CONTEXT, context } from '@opentelemetry/api';
import type { Logger } from 'pino';
import { shorten } from '../logging/shorten';

/** How many lines are logged in {@link WINDOW_MS}, at most: a full queue is reported with every batch. */
const MAX_LINES = 10;

/** In milliseconds. */
const WINDOW_MS = 60_000;

const MAX_MESSAGE_LENGTH = 1_000;

const CONTEXT = { context: 'Tracing' } as const;

type Write = (logger: Logger) => void;

/** Logs what OpenTelemetry reports. What it reports before there is a log waits for it. */
export class TracingLog implements DiagLogger {
  private logger: Logger | undefined;
  private waiting: Write[] = [];
  private lines = 0;
  private windowEndsAt = -Infinity;
  private hasFailed = false;

  /** From now on, lines are written to this log. */
  writeTo(logger: Logger): void {
    this.logger = logger;
    for (const write of this.waiting) write(logger);
    this.waiting = [];
  }

  /** Of failures in a row, the first one is logged. */
  exportFailed(error: unknown): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    const message = 'Traces could not be exported; the next failures are not logged';
    this.log((logger) => logger.warn({ ...CONTEXT, err: error }, message));
  }

  exported(): void {
    if (!this.hasFailed) return;
    this.hasFailed = false;
    this.log((logger) => logger.info(CONTEXT, 'Traces are exported again'));
  }

  error(...values: unknown[]): void {
    this.report(values);
  }

  warn(...values: unknown[]): void {
    this.report(values);
  }

  info(): void {}
  debug(): void {}
  verbose(): void {}

  /** The server works without traces, so these are no errors of the server. */
  private report(values: readonly unknown[]): void {
    if (!this.mayReport()) return;
    const message = shorten(format(...values), MAX_MESSAGE_LENGTH);
    this.log((logger) => logger.warn(CONTEXT, message));
  }

  private mayReport(): boolean {
    const now = performance.now();
    if (now >= this.windowEndsAt) {
      this.windowEndsAt = now + WINDOW_MS;
      this.lines = 0;
    }
    return ++this.lines <= MAX_LINES;
  }

  private log(write: Write): void {
    const { logger } = this;
    // Timers of the export are started within spans, which have nothing to do with these lines.
    if (logger) context.with(ROOT_CONTEXT, () => write(logger));
    else this.waiting.push(write);
  }
}
