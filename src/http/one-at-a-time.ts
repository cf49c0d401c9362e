import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHandler } from 'express';

/** How many requests may wait on one connection; clients that pipeline send a few. */
const MAX_WAITING = 100;

interface Queue {
  /** The answer that the next request has to wait for. */
  last: ServerResponse;
  waiting: number;
}

/**
 * Serves the requests of a connection one after another, in the order in which their answers have
 * to go out (RFC 9112, section 9.3.2). Served at once, they would hold memory and open files for a
 * client that reads nothing, and Node.js does not tell them when it hangs up.
 */
export function oneAtATime(): RequestHandler {
  const queues = new WeakMap<Socket, Queue>();
  return ({ socket }, response, next) => {
    const queue = queues.get(socket);
    if (queue === undefined || queue.last.closed) {
      queues.set(socket, { last: response, waiting: 0 });
      next();
      return;
    }
    if (queue.waiting === MAX_WAITING) {
      socket.destroy();
      return;
    }
    queue.waiting++;
    queue.last.once('close', () => {
      queue.waiting--;
      const isGivenUp = socket.destroyed || response.headersSent;
      if (!isGivenUp) next();
    });
    queue.last = response;
  };
}
