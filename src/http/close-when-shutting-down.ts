import type { RequestHandler } from 'express';
import type { ShutdownState } from '../common/shutdown-state';

/** Asks clients to close their connections once the shutdown has begun, because it waits for them. */
export function closeWhenShuttingDown(shutdown: ShutdownState): RequestHandler {
  return (_request, response, next) => {
    if (shutdown.isShuttingDown) response.setHeader('Connection', 'close');
    next();
  };
}
