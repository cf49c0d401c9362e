import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DomainError } from '../errors/domain-error';
import { toProblem } from '../errors/problem-details';
import { shorten } from '../logging/shorten';
import { Connection, LINGER_MS } from './connection';
import { MAX_BODY_BYTES } from './json-body';

/** How much is read of a request that was responded to before its end. */
const LINGER_BYTES = 1024 * 1024;

/** Responses that are, or will be, a whole problem document. */
const problems = new WeakSet<ServerResponse>();

/** Whether the request was rejected, for example after a timeout. What its handler returns is not sent. */
export function hasSentProblem(response: ServerResponse): boolean {
  return problems.has(response);
}

/**
 * Responds with a problem document (RFC 9457).
 * @param path of the request; a long one is shortened
 */
export function sendProblem(
  response: ServerResponse,
  error: DomainError,
  path: string,
  requestId: string,
): void {
  const { status, headers, body } = toProblem(error);
  problems.add(response);
  const document = JSON.stringify({ ...body, instance: shorten(path), request_id: requestId });
  response.statusCode = status;
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('Content-Type', 'application/problem+json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(document));
  if (shouldDiscardBody(response.req)) response.setHeader('Connection', 'close');
  const isLast = response.getHeader('Connection') === 'close';
  if (isLast) Connection.of(response.req.socket).isClosing = true;
  if (isLast && !response.req.complete) {
    response.write(document);
    endAfterLinger(response);
  } else {
    response.end(document);
  }
}

/** A body of unknown or excessive length, or one that the client was not asked to send. */
function shouldDiscardBody({ complete, headers }: IncomingMessage): boolean {
  const isLong = Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES;
  const isUnknown = headers['transfer-encoding'] !== undefined || headers.expect !== undefined;
  return !complete && (isLong || isUnknown);
}

/**
 * Closing a connection with unread bytes resets it, and a client that is still sending would lose the
 * response. So some more is read and discarded first (RFC 9112, section 9.6), unless the client has ended
 * its side of the connection.
 */
function endAfterLinger(response: ServerResponse): void {
  const { req: request } = response;
  let bytes = 0;
  const end = () => {
    clearTimeout(timer);
    if (!response.writableEnded) response.end();
  };
  const timer = setTimeout(end, request.socket.readable ? LINGER_MS : 0);
  request.once('close', end);
  request.socket.once('end', end);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) end();
  });
}
