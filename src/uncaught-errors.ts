import type { INestApplicationContext } from '@nestjs/common';
import type { Logger } from 'pino';

/** How long the shutdown may take, in milliseconds; as long as one by SIGTERM may. */
const SHUTDOWN_LIMIT_MS = 25_000;

const exit = () => process.exit(1);

/**
 * Logs an error that nothing has caught, and ends the process through a shutdown, with exit code 1:
 * what the error left half-done is unknown, so the process must not go on, but requests that have
 * begun get their responses and claimed orders are released. Requests cannot cause such errors by
 * what they send; code of a fulfilment step can.
 */
export function shutDownOnUncaughtErrors(app: INestApplicationContext, logger: Logger): void {
  let isEnding = false;
  // Without a listener of its own, a rejection that nobody handles arrives here too.
  process.on('uncaughtException', (thrown, origin) => {
    logger.fatal({ err: thrown, origin }, 'An error was not caught, shutting down');
    if (isEnding) return;
    isEnding = true;
    setTimeout(exit, SHUTDOWN_LIMIT_MS);
    app.close().then(exit, exit);
  });
}
