import { AsyncLocalStorage } from 'node:async_hooks';
import type { Request, RequestHandler } from 'express';

const requestId = new AsyncLocalStorage<string>();

/** Makes the id of the request available to all code that serves it; see {@link currentRequestId}. */
export function requestContext(): RequestHandler {
  return (request, _response, next) => {
    requestId.run(requestIdOf(request), next);
  };
}

/** The id of the request that is being served; undefined outside of requests. */
export function currentRequestId(): string | undefined {
  return requestId.getStore();
}

/** The `X-Request-Id` of a request. */
export function requestIdOf({ id }: Request): string {
  return typeof id === 'string' ? id : '';
}
