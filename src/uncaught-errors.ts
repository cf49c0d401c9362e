import type { INestApplicationContext } from '@nestjs/common';
import type { Logger } from 'pino';

/** How long the shutdown may take, in milliseconds; as long as one by SIGTERM may. */
const SHUTDOWN_LIMIT_MS = 25_000;

/** How long a process without an application has to open its log file, in milliseconds. */
const LOG_LIMIT_MS = 500;

/** How many errors are logged; code that throws in a timer may throw until the process ends. */
const MAX_LOGGED = 10;

const exit = () => process.exit(1);

/**
 * Logs an error that nothing has caught, and ends the process through a shutdown, with exit code 1:
 * what the error left half-done is unknown, so the process must not go on, but requests that have
 * begun get their responses and claimed orders are released. Requests cannot cause such errors by
 * what they send; code of a fulfilment step can.
 * @returns what to pass the application to once it is created; until then, there is no shutdown
 */
export function shutDownOnUncaughtErrors(logger: Logger): (app: INestApplicationContext) => void {
  let app: INestApplicationContext | undefined;
  let count = 0;
  // Without a listener of its own, a rejection that nobody handles arrives here too.
  process.on('uncaughtException', (thrown, origin) => {
    count++;
    if (count <= MAX_LOGGED) {
      logger.fatal({ err: thrown, origin }, 'An error was not caught, shutting down');
    } else if (count === MAX_LOGGED + 1) {
      logger.fatal('Further errors were not caught, and are not logged');
    }
    if (count > 1) return;
    setTimeout(exit, app ? SHUTDOWN_LIMIT_MS : LOG_LIMIT_MS);
    app?.close().then(exit, exit);
  });
  return (created) => {
    app = created;
  };
}
