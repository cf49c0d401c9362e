import { format } from 'node:util';
import {
  type Level,
  type LevelWithSilent,
  type Logger,
  type LoggerOptions,
  type StreamEntry,
  destination,
  multistream,
  pino,
} from 'pino';
import type { AppConfig } from '../config/app-config';
import { describeError } from './describe-error';

const SECRETS = ['password', 'current_password', 'new_password', 'passwordHash', 'password_hash'];
const CREDENTIALS = ['authorization', 'cookie', 'access_token', 'refresh_token', 'token'];
/** Where they are looked for. A wildcard would do too, for 12 µs per line in place of 1. */
const PLACES = ['', 'body.', 'headers.', 'req.body.', 'req.headers.'];

/** The root logger: one JSON object per line, to stdout and, if configured, to a file. */
export function createLogger({ level, file }: AppConfig['logging']): Logger {
  const streams = [openLogStream('stdout', { fd: 1 })];
  if (file !== undefined) {
    streams.push(openLogStream('the log file', { dest: file, mkdir: true }));
  }
  return pino(loggerOptions(level), multistream(streams));
}

/** What every line has, and what none may have. */
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

/** How much may wait to be written to a stream; lines beyond it are dropped. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

type LogTarget = { readonly fd: number } | { readonly dest: string; readonly mkdir: boolean };

/**
 * A full disk, a lost mount or a reader that has stopped reading costs log lines, not the server:
 * an error that nothing listens to would end the process, and a buffer without a bound its memory.
 */
function openLogStream(name: string, target: LogTarget): StreamEntry {
  const stream = destination({ ...target, sync: false, maxLength: MAX_BUFFERED_BYTES });
  let reported = false;
  stream.on('error', (error: Error) => {
    if (!reported) process.stderr.write(`Cannot write to ${name}: ${error.message}\n`);
    reported = true;
  });
  return { level: 'trace', stream };
}

/** Brings into the log what libraries say on the console, as that of the schedule does. */
export function logConsole(logger: Logger): void {
  const write =
    (level: Level) =>
    (...values: unknown[]): void =>
      logger[level]({ context: 'console' }, format(...values));
  Object.assign(console, { log: write('info'), warn: write('warn'), error: write('error') });
}
