import { format, inspect } from 'node:util';
import { type Level, type LevelWithSilent, type Logger, type LoggerOptions, pino } from 'pino';
import { redactCredentials } from '../common/redact-credentials';
import type { AppConfig } from '../config/app-config';
import { type ErrorDescription, describeError } from './describe-error';
import { LineBatches } from './line-batches';
import { LogFile } from './log-file';
import { LogStream } from './log-stream';
import { shorten } from './shorten';

const SECRETS = ['password', 'current_password', 'new_password', 'passwordHash', 'password_hash'];
const CREDENTIALS = ['authorization', 'cookie', 'access_token', 'refresh_token', 'token'];
/** The objects whose fields are redacted. A wildcard takes 12 µs per line, this list 1 µs. */
const PLACES = ['', 'body.', 'headers.', 'req.body.', 'req.headers.'];

/** The log of a process: one JSON object per line, to stdout and, if configured, to a file. */
export interface Log {
  readonly logger: Logger;
  readonly file: LogFile | undefined;
  /** Resolves when all lines are written. */
  readonly drain: () => Promise<void>;
}

/** @param addFields adds fields to every line; it returns a new object for each */
export function createLog(
  { level, file: name }: AppConfig['logging'],
  addFields?: () => object,
): Log {
  const stdout = new LogStream('stdout', { fd: 1 });
  const file = name === undefined ? undefined : new LogFile(name);
  const batches = new LineBatches(file ? [stdout, file] : [stdout]);
  const options = { ...loggerOptions(level), ...(addFields && { mixin: addFields }) };
  return { logger: pino(options, batches), file, drain: () => batches.drain() };
}

/** The format of lines, and the fields that are redacted. */
export function loggerOptions(level: LevelWithSilent): LoggerOptions {
  return {
    level,
    base: undefined,
    timestamp: oncePerMillisecond(),
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    hooks: { streamWrite: redactCredentials },
    redact: PLACES.flatMap((place) => [...SECRETS, ...CREDENTIALS].map((name) => place + name)),
  };
}

/** The field `time` in ISO 8601. To format an instant takes as long as to format the rest of a line. */
function oncePerMillisecond(): () => string {
  let formatted = { instant: NaN, field: '' };
  return () => {
    const instant = Date.now();
    if (instant !== formatted.instant) {
      formatted = { instant, field: `,"time":"${new Date(instant).toISOString()}"` };
    }
    return formatted.field;
  };
}

/** Maximum length of a message of the console, in characters. */
const MAX_CONSOLE_LENGTH = 8_000;

/**
 * Redirects the console, which libraries such as `cron` write to, to the log. Errors are written without
 * the properties that drivers add, such as the command that failed.
 */
export function logConsole(logger: Logger): void {
  const write =
    (level: Level) =>
    (...values: unknown[]): void =>
      logger[level](
        { context: 'console' },
        // Shortened after redaction, like errors.
        shorten(redactCredentials(consoleMessage(values)), MAX_CONSOLE_LENGTH),
      );
  Object.assign(console, { log: write('info'), warn: write('warn'), error: write('error') });
}

/** Like `format`, but of nested objects only that they are there. */
function consoleMessage([first, ...rest]: readonly unknown[]): string {
  const values = rest.map(printable);
  return typeof first === 'string'
    ? format(first, ...values)
    : format('%s', printable(first), ...values);
}

function printable(value: unknown): unknown {
  if (value instanceof Error) return errorText(describeError(value));
  return typeof value === 'object' ? inspect(value, { depth: 0 }) : value;
}

/** The stack, and those of the causes. */
function errorText({ type, message, stack, cause, errors = [] }: ErrorDescription): string {
  const inner = (cause ? [cause, ...errors] : errors).map((one) => `Caused by ${errorText(one)}`);
  return [stack ?? `${type}: ${message}`, ...inner].join('\n');
}
