import { type IncomingMessage, type RequestOptions, ServerResponse } from 'node:http';
import type { Attributes, Span } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { isSentToApi } from '../http/api-servers';
import { parseRequestTarget } from '../http/request-target';
import { measuredResponse } from '../logging/measured-response';
import { shortenForLog } from '../logging/shorten';

/** Routes that probes and scrapes request all the time. */
const UNTRACED = /^\/(?:health\/(?:live|ready)|metrics)?(?:\?|$)/;

/** Traces requests to the server, and those that it sends while it works on one or on an order. */
export function httpInstrumentation(): HttpInstrumentation {
  return new HttpInstrumentation({
    ignoreIncomingRequestHook: (request) => !isSentToApi(request) || isUntraced(request),
    startIncomingSpanHook: describeRequest,
    startOutgoingSpanHook: describeOutgoing,
    requireParentforOutgoingSpans: true,
    applyCustomAttributesOnSpan: (span, { method = '' }, response) => {
      if (response instanceof ServerResponse) describeResponse(span, method, response);
    },
  });
}

function isUntraced({ method = '', url = '' }: IncomingMessage): boolean {
  return UNTRACED.test(parseRequestTarget(method, url)?.url ?? url);
}

/**
 * What replaces attributes of the instrumentation; undefined removes one. Spans have no more of a client
 * than the log has: query strings can contain secrets, and addresses, also that of the server, are those
 * that headers claim.
 */
function describeRequest({ method = '', url = '' }: IncomingMessage): Attributes {
  const [path] = parseRequestTarget(method, url)?.url.split('?', 1) ?? [];
  return {
    'url.path': path === undefined ? undefined : shortenForLog(path),
    'url.query': undefined,
    'user_agent.original': undefined,
    'client.address': undefined,
    'server.address': undefined,
    'server.port': undefined,
    'network.peer.address': undefined,
    'network.peer.port': undefined,
  };
}

/** Also paths can be secrets, such as those of webhooks. */
function describeOutgoing({
  protocol = 'http:',
  hostname,
  host,
  port,
}: RequestOptions): Attributes {
  const name = hostname ?? host ?? 'localhost';
  const authority = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
  return {
    'url.full': `${protocol}//${authority}${port === undefined ? '' : `:${port}`}/`,
    'user_agent.original': undefined,
  };
}

/** Names the span by its route: nothing traces the router of Express. */
function describeResponse(span: Span, method: string, response: ServerResponse): void {
  const { route, status } = measuredResponse(response, method);
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) span.setAttribute('error.type', String(status));
  if (route === undefined) return;
  span.setAttribute('http.route', route);
  span.updateName(`${method} ${route}`);
}
