import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { shortenForLog } from './shorten';
import type { RefusalLog } from './refusal-log';

/** Ids that clients or proxies may choose; others could forge log lines or grow without bound. */
const ACCEPTABLE_REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * Assigns an id to every request, sends it to the client, and logs how the request ended; of requests
 * over a limit only some.
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
    // Chosen fields only: headers and query strings may carry secrets.
    serializers: {
      req: ({ method, path }: Request) => ({ method, path: shortenForLog(path) }),
      res: ({ statusCode }: ServerResponse) => ({ status: statusCode }),
    },
    wrapSerializers: false,
    customAttributeKeys: { responseTime: 'duration_ms' },
    customSuccessObject: (request, _response, line: object) => ({ ...line, ...fieldsOf(request) }),
    // The filter has logged the cause; here it would only be "failed with status code 500".
    customErrorObject: (request, _response, _error, line: object) => ({
      ...line,
      err: undefined,
      ...fieldsOf(request),
    }),
  });
}

/** The library measures with the wall clock, which can be set back. */
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
