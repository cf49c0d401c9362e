import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { RefusalLog } from './refusal-log';
import { requestIdOf } from './request-context';
import { shortenForLog } from './shorten';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how Express is extended
  namespace Express {
    interface Request {
      /** The `X-Request-Id`. */
      id?: string;
    }
  }
}

/** Accepted ids of clients and proxies. Others could forge log lines, or be of any length. */
const ACCEPTABLE_REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * Assigns an id to every request, returns it to the client, and logs the outcome of the request.
 * {@link RefusalLog} limits the lines of requests with status 429.
 */
export function requestLogging(logger: Logger, refusals: RefusalLog): RequestHandler {
  // The lines have selected fields only, none of which can be a secret: headers and query strings can.
  const log = logger.child({}, { redact: [] });
  return (request, response, next) => {
    const startedAt = performance.now();
    request.id = idOf(request);
    response.setHeader('X-Request-Id', request.id);
    response.once('close', () => logOutcome(log, refusals, response, startedAt));
    next();
  };
}

function logOutcome(
  log: Logger,
  refusals: RefusalLog,
  response: Response,
  startedAt: number,
): void {
  const { req: request, statusCode } = response;
  if (statusCode === 429 && !refusals.shouldLog(request.ip)) return;
  const level = statusCode >= 500 ? 'error' : 'info';
  log[level]({
    req: { method: request.method, path: shortenForLog(request.path) },
    res: { status: statusCode },
    duration_ms: Math.round(performance.now() - startedAt),
    request_id: requestIdOf(request),
    user_id: request.user?.id,
    msg: outcomeOf(response),
  });
}

/** The exception filter has logged the cause of an error. */
function outcomeOf({ req, statusCode, writableEnded }: Response): string {
  if (statusCode >= 500) return 'request errored';
  return req.readableAborted || !writableEnded ? 'request aborted' : 'request completed';
}

function idOf({ headers }: IncomingMessage): string {
  const inbound = headers['x-request-id'];
  const isAcceptable = typeof inbound === 'string' && ACCEPTABLE_REQUEST_ID.test(inbound);
  return isAcceptable ? inbound : randomUUID();
}
