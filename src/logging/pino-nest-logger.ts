import type { LoggerService } from '@nestjs/common';
import type { Level, Logger } from 'pino';
import { currentRequestId } from './request-context';

/** What Nest says while it puts the modules together: some forty lines at every start. */
const WIRING = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer']);

/**
 * Lets Nest's `Logger` write through pino. Objects become fields of the line: their `msg` is the
 * message and their `err` the error.
 */
export class PinoNestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  log(message: unknown, ...rest: unknown[]): void {
    const level = WIRING.has(String(rest.at(-1))) ? 'debug' : 'info';
    this.write(level, message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  /** Nest passes the context last, and before it a stack where there is one. */
  private write(level: Level, message: unknown, rest: unknown[]): void {
    const names = { context: rest.at(-1), request_id: currentRequestId() };
    if (message instanceof Error) this.logger[level]({ ...names, err: message }, message.message);
    else if (typeof message === 'object') this.logger[level]({ ...names, ...message });
    else this.logger[level]({ ...names, stack: rest.at(-2) }, message as string);
  }
}
