import { EventDto } from './event.dto';
import type { LoggedEvent } from './event';

/** The format of `text/event-stream` (WHATWG HTML, section 9.2). */
export const EVENT_STREAM = 'text/event-stream';

/** Shows that the connection is alive. Clients ignore it. */
export const COMMENT = ':\n\n';

/**
 * The start of a stream. A client that reconnects before the first event sends the position of the start:
 * an id without data is remembered, and dispatches nothing.
 * @param retryMs how long clients wait before they reconnect, in milliseconds
 */
export function formatStart(position: number, retryMs: number): string {
  return `retry: ${retryMs}\nid: ${position}\n\n`;
}

/** The block of an event. Its `id` is the position, with which a client reconnects. */
export function formatEvent(event: LoggedEvent): string {
  const data = JSON.stringify(EventDto.from(event));
  return `id: ${event.position}\nevent: ${event.type}\ndata: ${data}\n\n`;
}
