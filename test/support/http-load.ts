import { randomUUID } from 'node:crypto';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { StallMeter } from './stall-meter';

export interface LoadRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly token?: string | undefined;
  readonly body?: object;
}

/** The outcome of one request. Instants and durations are milliseconds of `performance.now()`. */
export interface Outcome {
  readonly request: LoadRequest;
  /** The id of the request in the log of the server. */
  readonly requestId: string;
  /** Whether the connection had served another request before. */
  readonly isReused: boolean;
  readonly sentAt: number;
  readonly endedAt: number;
  /** For how long this process stood still meanwhile. */
  readonly stalledMs: number;
  /** 0 without a complete response; then `failure` is the reason. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** The code of the error, such as ECONNREFUSED. */
  readonly failure?: string;
}

/** Longer than any response may take: after this time there is no response. */
const GIVE_UP_AFTER_MS = 10_000;

const stalls = new StallMeter();

/** Sends one request. Never rejects. */
export async function send(
  load: LoadRequest,
  agent: Agent,
  giveUpAfterMs = GIVE_UP_AFTER_MS,
): Promise<Outcome> {
  const sentAt = performance.now();
  const endOfStalls = stalls.start();
  const requestId = randomUUID();
  const outgoing = request(new URL(load.path, load.url), {
    method: load.method,
    agent,
    signal: AbortSignal.timeout(giveUpAfterMs),
    headers: {
      'x-request-id': requestId,
      ...(load.token !== undefined && { authorization: `Bearer ${load.token}` }),
      ...(load.body && { 'content-type': 'application/json' }),
    },
  });
  const outcome = (rest: Pick<Outcome, 'status' | 'headers' | 'body' | 'failure'>): Outcome => ({
    request: load,
    requestId,
    isReused: outgoing.reusedSocket,
    sentAt,
    endedAt: performance.now(),
    stalledMs: endOfStalls(),
    ...rest,
  });
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException) =>
      resolve(
        outcome({ status: 0, headers: {}, body: null, failure: error.code ?? error.message }),
      );
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((body) => resolve(outcome({ status, headers, body: parse(body) })), fail);
    });
    outgoing.end(load.body && JSON.stringify(load.body));
  });
}

/** How long a request took, in milliseconds, without the time in which this process stood still. */
export function durationOf({ sentAt, endedAt, stalledMs }: Outcome): number {
  return endedAt - sentAt - stalledMs;
}

/** The longest duration, in milliseconds. */
export function slowest(outcomes: readonly Outcome[]): number {
  return Math.round(Math.max(...outcomes.map(durationOf)));
}

/**
 * Those without a successful response. A server that stood still together with this process may exceed its
 * time limits, and respond with 503.
 */
export function unserved(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter(({ status, stalledMs }) => {
    const isExcused = status === 503 && stalledMs > 0;
    return status !== 200 && status !== 201 && !isExcused;
  });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

interface LoadOptions {
  readonly clients: number;
  /** Returns the next request of a client. */
  readonly next: (client: number) => LoadRequest;
  /** The pause between a response and the next request, in milliseconds. */
  readonly pauseMs?: number;
  /** False: a new connection for each request. */
  readonly keepAlive?: boolean;
  /** True: a client stops after a request without a response. */
  readonly giveUp?: boolean;
}

/** Clients that send one request after another until they are stopped. */
export class HttpLoad {
  readonly outcomes: Outcome[] = [];
  private isStopping = false;
  private readonly agent: Agent;
  private readonly clients: Promise<void>[];

  constructor(private readonly options: LoadOptions) {
    this.agent = new Agent({ keepAlive: options.keepAlive ?? true });
    this.clients = Array.from({ length: options.clients }, (_, client) => this.run(client));
  }

  /** Ids of the orders that were acknowledged with 201. */
  get acknowledged(): number[] {
    return this.outcomes
      .filter(
        ({ request: { method, path }, status }) => placesOrder(method, path) && status === 201,
      )
      .map(({ body }) => (body as { id: number }).id);
  }

  get failures(): Outcome[] {
    return this.outcomes.filter(({ failure }) => failure !== undefined);
  }

  /** Waits for the running requests. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.clients);
    this.agent.destroy();
  }

  private async run(client: number): Promise<void> {
    const { next, pauseMs = 0, giveUp = false } = this.options;
    while (!this.isStopping) {
      const outcome = await send(next(client), this.agent);
      this.outcomes.push(outcome);
      if (giveUp && outcome.failure !== undefined) return;
      if (pauseMs > 0) await delay(pauseMs);
    }
  }
}

/** Every other client places orders, the others list them. */
export function placeAndList(url: string, token?: string): (client: number) => LoadRequest {
  const target = { url, token, path: '/orders' };
  return (client) =>
    client % 2 === 0
      ? { ...target, method: 'POST', body: { product_name: 'Laptop', amount: 1 } }
      : { ...target, method: 'GET' };
}

function placesOrder(method: string, path: string): boolean {
  return method === 'POST' && path === '/orders';
}

/** Counts outcomes by status, or by the code of the failure. */
export function tally(
  outcomes: readonly Pick<Outcome, 'status' | 'failure'>[],
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, failure } of outcomes) {
    const name = failure ?? String(status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
