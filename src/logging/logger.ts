import { format } from 'node:util';
import {
  type Level,
  type LevelWithSilent,
  type Logger,
  type LoggerOptions,
  destination,
  pino,
} from 'pino';
import type { AppConfig } from '../config/app-config';
import { describeError } from './describe-error';
import { type FlushableStream, LineBatches } from './line-batches';

const SECRETS = ['password', 'current_password', 'new_password', 'passwordHash', 'password_hash'];
const CREDENTIALS = ['authorization', 'cookie', 'access_token', 'refresh_token', 'token'];
/** The objects whose fields are redacted. A wildcard takes 12 µs per line, this list 1 µs. */
const PLACES = ['', 'body.', 'headers.', 'req.body.', 'req.headers.'];

/** The root logger: one JSON object per line, to stdout and, if configured, to a file. */
export function createLogger({ level, file }: AppConfig['logging']): Logger {
  const streams = [openLogStream('stdout', { fd: 1 })];
  if (file !== undefined) streams.push(openLogStream('the log file', { dest: file, mkdir: true }));
  return pino(loggerOptions(level), new LineBatches(streams));
}

/** The format of lines, and the fields that are redacted. */
export function loggerOptions(level: LevelWithSilent): LoggerOptions {
  return {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    redact: PLACES.flatMap((place) => [...SECRETS, ...CREDENTIALS].map((name) => place + name)),
  };
}

/** Maximum size of the buffer of a stream; further lines are dropped. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

type LogTarget = { readonly fd: number } | { readonly dest: string; readonly mkdir: boolean };

/**
 * A full disk, a lost mount or a reader that stops reading loses log lines and does not stop the server:
 * an `error` event without a listener would end the process, an unbounded buffer would fill its memory.
 */
function openLogStream(name: string, target: LogTarget): FlushableStream {
  const stream = destination({ ...target, sync: false, maxLength: MAX_BUFFERED_BYTES });
  let reported = false;
  stream.on('error', (error: Error) => {
    if (!reported) process.stderr.write(`Cannot write to ${name}: ${error.message}\n`);
    reported = true;
  });
  return stream;
}

/** Redirects the console, which libraries such as `cron` write to, to the log. */
export function logConsole(logger: Logger): void {
  const write =
    (level: Level) =>
    (...values: unknown[]): void =>
      logger[level]({ context: 'console' }, format(...values));
  Object.assign(console, { log: write('info'), warn: write('warn'), error: write('error') });
}
