import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { UnresolvedHostError } from './address-resolver';
import type { ReachableAddresses } from './reachable-addresses';
import { parseRetryAfter } from './retry-schedule';
import { ForbiddenAddressError, type WebhookAgents } from './webhook-agents';
import { isEncrypted, parseWebhookUrl } from './webhook-url';

/** How long a request may take altogether, and until it is connected, in milliseconds. */
export const REQUEST_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** How much of a response is read. Nothing of it is kept. */
const MAX_BODY_BYTES = 16_384;

/** How many informational responses (1xx) may come before the response. */
const MAX_INFORMATIONAL = 10;

/** Why a request failed: coarse, because it is shown to the owner of an endpoint. */
export const SEND_FAILURES = [
  'forbidden_address',
  'unresolved',
  'connect_failed',
  'connect_timeout',
  'tls_failed',
  'timeout',
  'connection_lost',
  'invalid_response',
  'redirect',
  'http_status',
] as const;

/** Why a request failed, by its name in the API. */
export type SendFailure = (typeof SEND_FAILURES)[number];

/** A signed request. */
export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** With `performance.now()`, the time of the database in milliseconds since the epoch. */
  readonly clockOffsetMs: number;
}

/** How a request has ended. */
export interface SendResult {
  /** Null: the request was delivered, with a status of 2xx. */
  readonly failure: SendFailure | null;
  /** The status of the response; null when there was none. */
  readonly status: number | null;
  readonly durationMs: number;
  /** The `Retry-After` of the response, an hour at most. */
  readonly retryAfterSeconds?: number;
}

/** How long requests may take, in milliseconds. */
export interface SenderTimeouts {
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
}

type Ending = Omit<SendResult, 'durationMs'>;

/** Sends webhooks. Every request is bounded in time and size, and none follows a redirect. */
export class WebhookSender {
  constructor(
    private readonly reachable: ReachableAddresses,
    private readonly agents: WebhookAgents,
    private readonly timeouts: SenderTimeouts = {
      timeoutMs: REQUEST_TIMEOUT_MS,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    },
  ) {}

  /**
   * Sends a request. Never rejects.
   * @returns undefined when the signal aborted it
   */
  async send(request: WebhookRequest, signal?: AbortSignal): Promise<SendResult | undefined> {
    const startedAt = performance.now();
    const url = parseWebhookUrl(request.url, this.reachable);
    const deadline = startedAt + this.timeouts.timeoutMs;
    let ending: Ending | 'stale' | undefined =
      typeof url === 'string'
        ? { failure: 'forbidden_address', status: null }
        : await this.exchange(url, request, deadline, false, signal);
    // The server had closed an idle connection: that is no failure of the endpoint.
    if (ending === 'stale' && typeof url !== 'string') {
      ending = await this.exchange(url, request, deadline, true, signal);
    }
    if (signal?.aborted || ending === undefined || ending === 'stale') return undefined;
    return { ...ending, durationMs: Math.round(performance.now() - startedAt) };
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.agents.destroy();
  }

  private exchange(
    url: URL,
    { headers, body, clockOffsetMs }: WebhookRequest,
    deadline: number,
    isFresh: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Ending | 'stale' | undefined> {
    const encrypted = isEncrypted(url);
    return new Promise((resolve) => {
      let phase: 'connecting' | 'securing' | 'sent' | 'responding' = 'connecting';
      const timers: NodeJS.Timeout[] = [];
      const end = (ending: Ending | 'stale' | undefined, keepConnection = false) => {
        for (const timer of timers) clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        if (!keepConnection) request.destroy();
        resolve(ending);
      };
      const fail = (failure: SendFailure) => end({ failure, status: null });
      const abort = () => end(undefined);
      const request: ClientRequest = (encrypted ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent: this.agents.for(encrypted, isFresh),
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = request.reusedSocket && phase === 'sent' && !isFresh;
        if (isStale && error.code !== undefined && STALE_CODES.has(error.code)) end('stale');
        else fail(failureOf(error, phase));
      });
      request.on('close', () => fail('connection_lost')); // without effect after another ending
      request.on('socket', (socket) => {
        const onConnected = () => {
          phase = encrypted ? 'securing' : 'sent';
          const { remoteAddress } = socket;
          // Unknown after a reset: then nothing can be sent either.
          if (remoteAddress === undefined) fail('connection_lost');
          else if (!this.reachable.include(remoteAddress, encrypted)) fail('forbidden_address');
        };
        if (!socket.connecting) {
          onConnected();
          phase = 'sent';
          return;
        }
        const { connectTimeoutMs } = this.timeouts;
        const timer = setTimeout(() => fail('connect_timeout'), connectTimeoutMs);
        timers.push(timer);
        socket.once('connect', onConnected);
        socket.once(encrypted ? 'secureConnect' : 'connect', () => {
          clearTimeout(timer);
          phase = 'sent';
        });
      });
      let informational = 0;
      request.on('information', () => {
        if (++informational > MAX_INFORMATIONAL) fail('invalid_response');
      });
      request.on('response', (response) => {
        phase = 'responding';
        discardBody(
          response,
          (keepConnection) =>
            end(endingOf(response, performance.now() + clockOffsetMs), keepConnection),
          (failure) => end({ failure, status: response.statusCode ?? null }),
        );
      });
      const remainingMs = Math.max(0, deadline - performance.now());
      timers.push(setTimeout(() => fail('timeout'), remainingMs));
      signal?.addEventListener('abort', abort);
      if (signal?.aborted) abort();
      else request.end(body);
    });
  }
}

/** Codes of errors on a connection that the server has closed while it was idle. */
const STALE_CODES = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Reads a body up to the limit.
 * @param onEnd is called at the end, when the connection can be kept, or when the limit is reached
 */
function discardBody(
  response: IncomingMessage,
  onEnd: (keepConnection: boolean) => void,
  onFailure: (failure: SendFailure) => void,
): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) onEnd(false);
  });
  response.on('end', () => onEnd(true));
  response.on('error', () => onFailure('connection_lost'));
}

/** @param now by the clock of the database, in milliseconds since the epoch */
function endingOf({ statusCode = 0, headers }: IncomingMessage, now: number): Ending {
  if (statusCode >= 200 && statusCode < 300) return { failure: null, status: statusCode };
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const retryAfterSeconds = parseRetryAfter(headers['retry-after'], now);
  return {
    failure: isRedirect ? 'redirect' : 'http_status',
    status: statusCode,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}

function failureOf(error: NodeJS.ErrnoException, phase: string): SendFailure {
  if (error instanceof ForbiddenAddressError) return 'forbidden_address';
  if (error instanceof UnresolvedHostError) return 'unresolved';
  if (phase === 'connecting') return 'connect_failed';
  if (phase === 'securing') return 'tls_failed';
  return error.code?.startsWith('HPE_') ? 'invalid_response' : 'connection_lost';
}
