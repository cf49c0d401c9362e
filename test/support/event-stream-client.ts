import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, get } from 'node:http';
import type { EventDto } from '../../src/events/event.dto';
import type { ApiClient } from './api-client';
import { waitUntil } from './wait-until';

/** One event as it was received. */
export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: EventDto;
}

interface Options {
  readonly path?: string;
  readonly lastEventId?: string | number;
  readonly headers?: Record<string, string>;
}

/** Reads a stream of Server-Sent Events over one connection of its own. It does not reconnect. */
export class EventStreamClient {
  readonly events: ReceivedEvent[] = [];
  comments = 0;
  retryMs: number | undefined;
  lastEventId = '';
  hasEnded = false;
  private rest = '';

  private constructor(
    private readonly request: ClientRequest,
    readonly response: IncomingMessage,
  ) {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.receive(chunk));
    response.on('close', () => (this.hasEnded = true));
    response.on('error', () => undefined);
  }

  /** @returns when the headers were received */
  static open(
    { url, token }: Pick<ApiClient, 'url' | 'token'>,
    { path = '/events/stream', lastEventId, headers = {} }: Options = {},
  ): Promise<EventStreamClient> {
    return new Promise((resolve, reject) => {
      const request = get(new URL(path, url), {
        agent: false,
        headers: {
          ...headers,
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
          ...(lastEventId !== undefined && { 'Last-Event-ID': String(lastEventId) }),
        },
      });
      request.once('response', (response) => resolve(new EventStreamClient(request, response)));
      request.on('error', reject);
    });
  }

  get status(): number | undefined {
    return this.response.statusCode;
  }

  get headers(): IncomingHttpHeaders {
    return this.response.headers;
  }

  get positions(): number[] {
    return this.events.map(({ id }) => Number(id));
  }

  get types(): string[] {
    return this.events.map(({ event }) => event);
  }

  async received(count: number, deadlineMs?: number): Promise<void> {
    const description = () => `${count} events, but ${this.events.length}`;
    const options = deadlineMs === undefined ? { description } : { description, deadlineMs };
    await waitUntil(() => this.events.length >= count, options);
  }

  async ended(deadlineMs = 10_000): Promise<void> {
    await waitUntil(() => this.hasEnded, { description: 'the end of a stream', deadlineMs });
  }

  pause(): void {
    this.response.pause();
  }

  resume(): void {
    this.response.resume();
  }

  close(): void {
    this.request.destroy();
  }

  private receive(chunk: string): void {
    const blocks = (this.rest + chunk).split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) this.dispatch(block);
  }

  private dispatch(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) this.comments++;
      const [, name, value] = /^(\w+): (.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) fields.set(name, value);
    }
    const data = fields.get('data');
    this.lastEventId = fields.get('id') ?? this.lastEventId;
    if (fields.has('retry')) this.retryMs = Number(fields.get('retry'));
    if (data === undefined) return;
    const event = fields.get('event') ?? 'message';
    this.events.push({ id: this.lastEventId, event, data: JSON.parse(data) as EventDto });
  }
}
