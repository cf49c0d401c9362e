import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { Measurements } from '../common/measurements';
import { isLikeToken, redactTokens } from '../common/redact-credentials';
import { durationOf, isStream, measuredResponse } from './measured-response';
import type { RefusalLog } from './refusal-log';
import { MAX_REQUEST_ID_LENGTH, requestIdOf } from './request-context';
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

/** Accepted ids of clients and proxies. Others could forge log lines, be of any length, or be a token. */
const ACCEPTABLE_REQUEST_ID = new RegExp(`^[\\w.:-]{1,${MAX_REQUEST_ID_LENGTH}}$`);

/**
 * Assigns an id to every request, returns it to the client, and logs the outcome of the request.
 * {@link RefusalLog} limits the lines of requests with status 429; their measurements are complete.
 */
export function requestLogging(
  logger: Logger,
  refusals: RefusalLog,
  measurements: Measurements,
): RequestHandler {
  // Only fields without secrets are logged; headers and query strings are not.
  const log = logger.child({}, { redact: [] });
  return (request, response, next) => {
    const startedAt = performance.now();
    request.id = idOf(request);
    response.setHeader('X-Request-Id', request.id);
    // At the arrival: routes that are mounted under a path change it.
    const { method, path } = request;
    response.once('close', () => {
      const elapsedMs = performance.now() - startedAt;
      const seconds = durationOf(response, startedAt) / 1_000;
      measurements.responded(measuredResponse(response, method), seconds);
      if (response.statusCode === 429 && !refusals.shouldLog(request.ip)) return;
      const level = response.statusCode >= 500 ? 'error' : 'info';
      const req = { method, path: shortenForLog(redactTokens(path)) };
      log[level](Object.assign({ req }, outcomeOf(response, elapsedMs)));
    });
    response.on('error', (error) => log.error({ request_id: request.id, err: error }));
    next();
  };
}

/** The fields of the line about a response that has ended. */
function outcomeOf(response: Response, elapsedMs: number): object {
  const { req: request, statusCode } = response;
  return {
    res: { status: statusCode },
    duration_ms: Math.round(elapsedMs),
    request_id: requestIdOf(request),
    user_id: request.user?.id,
    msg: messageOf(response),
  };
}

/** The exception filter has logged the cause of an error. */
function messageOf(response: Response): string {
  const { req, statusCode, writableEnded } = response;
  if (statusCode >= 500) return 'request errored';
  if (isStream(response)) return 'stream ended';
  return req.readableAborted || !writableEnded ? 'request aborted' : 'request completed';
}

function idOf({ headers }: IncomingMessage): string {
  const inbound = headers['x-request-id'];
  if (typeof inbound !== 'string' || !ACCEPTABLE_REQUEST_ID.test(inbound)) return randomUUID();
  return isLikeToken(inbound) ? randomUUID() : inbound;
}
