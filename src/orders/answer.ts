import type { Response } from 'express';

/** What a request that made something is answered with. */
export interface Answer<Body> {
  readonly status: number;
  readonly location: string;
  readonly etag: string;
  readonly body: Body;
  /** True when this is the answer to an earlier request with the same idempotency key. */
  readonly isReplayed: boolean;
}

/** Sets status and headers. The body is left to be returned by the handler. */
export function giveAnswer<Body>(response: Response, answer: Answer<Body>): Body {
  response.status(answer.status).location(answer.location).set('ETag', answer.etag);
  if (answer.isReplayed) response.set('Idempotent-Replayed', 'true');
  return answer.body;
}
