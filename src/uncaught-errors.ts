import type { Logger } from 'pino';
import { UNCAUGHT_ERROR } from './common/shutdown-state';
import { isStatementErrorOfPart } from './database/transaction-part';
import { currentRequestId } from './logging/request-context';

/** Time limit of the shutdown, in milliseconds, as for SIGTERM. */
const SHUTDOWN_LIMIT_MS = 25_000;

/** Time for a process without an application to open its log file, in milliseconds. */
const LOG_LIMIT_MS = 500;

/** Maximum number of logged errors: a timer may throw until the process ends. */
const MAX_LOGGED = 10;

const exit = () => process.exit(1);

/** A Nest application, which passes the cause to its hooks. */
export interface Application {
  close(cause?: string): Promise<void>;
}

/**
 * Logs uncaught errors and unhandled rejections, and shuts the process down with exit code 1. The state
 * after such an error is unknown, so the process must end, but running requests get their responses,
 * and running attempts may end. The code of a fulfilment step can cause such errors; the content of a
 * request cannot. The statements of a hook that does not await them end no process.
 * @returns a function that registers the application to shut down, once it is created
 */
export function shutDownOnUncaughtErrors(logger: Logger): (app: Application) => void {
  let app: Application | undefined;
  let count = 0;
  // Unhandled rejections arrive here too, as they have no listener of their own.
  process.on('uncaughtException', (thrown, origin) => {
    if (isStatementErrorOfPart(thrown)) {
      // The statement has had no effect, so the state is known.
      logger.error({ request_id: currentRequestId(), err: thrown }, 'A statement was not awaited');
      return;
    }
    count++;
    if (count <= MAX_LOGGED) {
      // Of a request, or of an attempt at an order: the context of the code that threw.
      const request_id = currentRequestId();
      logger.fatal({ request_id, err: thrown, origin }, 'An error was not caught, shutting down');
    } else if (count === MAX_LOGGED + 1) {
      logger.fatal('Further errors were not caught, and are not logged');
    }
    if (count > 1) return;
    setTimeout(exit, app ? SHUTDOWN_LIMIT_MS : LOG_LIMIT_MS);
    app?.close(UNCAUGHT_ERROR).then(exit, exit);
  });
  return (created) => {
    app = created;
  };
}
