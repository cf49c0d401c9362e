import type { ServerResponse } from 'node:http';
import type { MeasuredResponse } from '../common/measurements';

/** What nginx logs when a client has disconnected before the end of the response. */
const CLIENT_CLOSED_REQUEST = 499;

/** Responses that go on until the client ends them, and when they have begun. */
const streams = new WeakMap<ServerResponse, number>();

/**
 * Marks a response that goes on until the client, or a shutdown, ends it. Its duration is measured until
 * now, and such an end is a success.
 */
export function markAsStream(response: ServerResponse): void {
  streams.set(response, performance.now());
}

export function isStream(response: ServerResponse): boolean {
  return streams.has(response);
}

/** How long a response has taken, in milliseconds. */
export function durationOf(response: ServerResponse, startedAt: number): number {
  return (streams.get(response) ?? performance.now()) - startedAt;
}

/** The parts of a response that do not depend on what clients send. */
export function measuredResponse(response: ServerResponse, method: string): MeasuredResponse {
  const route = (response.req as Routed).route?.path;
  // A server error stays one when its client disconnects meanwhile.
  const isOutcome = response.writableFinished || isStream(response) || response.statusCode >= 500;
  return {
    method,
    route: typeof route === 'string' ? templateOf(route) : undefined,
    status: isOutcome ? response.statusCode : CLIENT_CLOSED_REQUEST,
  };
}

/** A request whose route Express has found. Its types leave out what a path can be. */
interface Routed {
  readonly route?: { readonly path?: unknown };
}

const templates = new Map<string, string>();

/** `/orders/{id}` for `/orders/:id`, as the OpenAPI document has it. The routes are those of the code. */
function templateOf(path: string): string {
  const known = templates.get(path);
  if (known !== undefined) return known;
  const template = path.replaceAll(/:(\w+)/g, '{$1}');
  templates.set(path, template);
  return template;
}
