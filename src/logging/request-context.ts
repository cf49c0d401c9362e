import { AsyncLocalStorage } from 'node:async_hooks';
import type { Request, RequestHandler } from 'express';

const requestId = new AsyncLocalStorage<string | undefined>();

/** Maximum length of an `X-Request-Id`. */
export const MAX_REQUEST_ID_LENGTH = 128;

/** Makes the id of the request available to all code that serves it; see {@link currentRequestId}. */
export function requestContext(): RequestHandler {
  return (request, _response, next) => {
    requestId.run(requestIdOf(request), next);
  };
}

/**
 * Does work that an earlier request has caused, such as an attempt at the order that it placed: the log
 * lines of the work have the id of that request.
 * @param id null or undefined when it is not known
 */
export function runForRequest<Result>(id: string | null | undefined, work: () => Result): Result {
  const wanted = id ?? undefined;
  // On Node.js 20, the first call of `run` slows down all promises of the process, for good.
  return wanted === currentRequestId() ? work() : requestId.run(wanted, work);
}

/** The id of the request that is being served, or of {@link runForRequest}; undefined outside of both. */
export function currentRequestId(): string | undefined {
  return requestId.getStore();
}

/** The `X-Request-Id` of a request. */
export function requestIdOf({ id }: Request): string {
  return typeof id === 'string' ? id : '';
}
