import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import type { RefusalLog } from './refusal-log';
import { shortenForLog } from './shorten';

/** Accepted ids of clients and proxies. Others could forge log lines, or be of any length. */
const ACCEPTABLE_REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * Assigns an id to every request, returns it to the client, and logs the outcome of the request.
 * {@link RefusalLog} limits the lines of requests with status 429.
 */
export function requestLogging(logger: Logger, refusals: RefusalLog): RequestHandler {
  return pinoHttp<Request>({
    logger,
    genReqId: (request, response) => {
      startedAt.set(request, performance.now());
      return assignRequestId(request, response);
    },
    customLogLevel: (request, { statusCode }) => {
      if (statusCode === 429 && !refusals.shouldLog(request.ip)) return 'silent';
      return statusCode >= 500 ? 'error' : 'info';
    },
    // Selected fields only: headers and query strings may contain secrets.
    serializers: {
      req: ({ method, path }: Request) => ({ method, path: shortenForLog(path) }),
      res: ({ statusCode }: ServerResponse) => ({ status: statusCode }),
    },
    wrapSerializers: false,
    customAttributeKeys: { responseTime: 'duration_ms' },
    customSuccessObject: (request, _response, line: object) =>
      Object.assign(line, fieldsOf(request)),
    // The exception filter has logged the cause; this error is only "failed with status code 500".
    customErrorObject: (request, _response, _error, line: object) =>
      Object.assign(line, { err: undefined }, fieldsOf(request)),
  });
}

/** pino-http measures with the wall clock, which can be set back. */
const startedAt = new WeakMap<IncomingMessage, number>();

function fieldsOf(request: Request): object {
  const start = startedAt.get(request) ?? performance.now();
  return {
    duration_ms: Math.round(performance.now() - start),
    request_id: request.id,
    user_id: request.user?.id,
  };
}

function assignRequestId(request: IncomingMessage, response: ServerResponse): string {
  const inbound = request.headers['x-request-id'];
  const id =
    typeof inbound === 'string' && ACCEPTABLE_REQUEST_ID.test(inbound) ? inbound : randomUUID();
  response.setHeader('X-Request-Id', id);
  return id;
}
