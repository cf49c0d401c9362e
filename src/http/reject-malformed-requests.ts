import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import {
  ExpectationFailedError,
  HeadersTooLargeError,
  MalformedRequestError,
} from '../errors/common.errors';
import type { DomainError } from '../errors/domain-error';
import { HOST } from './request-target';

/** Browsers and proxies send about thirty. Thousands of tiny ones would take a lot of memory. */
export const MAX_HEADERS = 100;

/** Requests that were found malformed before the application received them. */
const rejected = new WeakMap<IncomingMessage, DomainError>();

/** Rejects a request when it is served, so that the response has its id, headers and log line. */
export function rejectWhenServed(request: IncomingMessage, error: DomainError): void {
  rejected.set(request, error);
}

/**
 * Rejects requests that HTTP/1.1 requires or allows a server to reject, and that Node.js accepts.
 * HTTP/1.0 has no expectations.
 */
export function rejectMalformedRequests(): RequestHandler {
  return (request, response, next) => {
    const { expect = '100-continue' } = request.headers;
    const error = rejected.get(request) ?? findDefect(request);
    if (error !== undefined) {
      response.setHeader('Connection', 'close');
      next(error);
    } else if (request.httpVersion === '1.1' && !/^100-continue$/i.test(expect)) {
      next(new ExpectationFailedError());
    } else {
      next();
    }
  };
}

function findDefect(request: Request): DomainError | undefined {
  if (request.rawHeaders.length > 2 * MAX_HEADERS) return new HeadersTooLargeError();
  return isWellFormed(request) ? undefined : new MalformedRequestError();
}

/**
 * Checks what proxies may read in another way, and Node.js accepts: versions whose messages have
 * another format (RFC 9112, section 2.3), hosts (section 3.2) and transfer codings (section 6.1).
 */
function isWellFormed({ httpVersion, headersDistinct }: Request): boolean {
  const { host: hosts = [], 'transfer-encoding': codings = [] } = headersDistinct;
  if (httpVersion === '1.0') return hosts.length <= 1 && codings.length === 0;
  if (httpVersion !== '1.1') return false;
  const [host] = hosts;
  const isOneHost = hosts.length === 1 && host !== undefined && HOST.test(host);
  return isOneHost && codings.every((coding) => /^chunked$/i.test(coding));
}
