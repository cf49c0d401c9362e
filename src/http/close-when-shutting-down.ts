import type { RequestHandler } from 'express';
import type { ShutdownState } from '../common/shutdown-state';

/**
 * Asks clients not to send another request on their connection once the shutdown has begun: the
 * server stops when the last connection is closed.
 */
export function closeWhenShuttingDown(shutdown: ShutdownState): RequestHandler {
  return (_request, response, next) => {
    if (shutdown.isShuttingDown) response.setHeader('Connection', 'close');
    next();
  };
}
