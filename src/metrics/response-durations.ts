import { Histogram, type Registry } from 'prom-client';
import type { MeasuredResponse } from '../common/measurements';
import { BUCKETS, HELP } from './metric-definitions';

const NAME = 'http_server_request_duration_seconds';

/** Those that OpenTelemetry knows (RFC 9110 and RFC 5789); others are `_OTHER`. */
const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
]);
const OTHER_METHOD = '_OTHER';

/** The route of requests that no route has served. */
const NO_ROUTE = 'none';

/** More than all routes, methods and statuses of the application; beyond it, labels are resolved each time. */
const MAX_REMEMBERED = 2_000;

interface Child {
  observe(seconds: number): void;
}

/**
 * The durations of requests by method, route and status. The labels are resolved once per combination.
 * Clients cannot add combinations: the routes and statuses are those of the code, and unknown methods
 * are one.
 */
export class ResponseDurations {
  private readonly histogram: Histogram;
  private readonly children = new Map<string, Child>();

  constructor(registry: Registry) {
    this.histogram = new Histogram({
      name: NAME,
      help: HELP[NAME],
      labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
      buckets: [...BUCKETS[NAME]],
      registers: [registry],
    });
  }

  observe({ method, route = NO_ROUTE, status }: MeasuredResponse, seconds: number): void {
    const knownMethod = KNOWN_METHODS.has(method) ? method : OTHER_METHOD;
    const key = `${status} ${knownMethod} ${route}`;
    const child =
      this.children.get(key) ??
      this.remember(key, this.histogram.labels(knownMethod, route, String(status)));
    child.observe(seconds);
  }

  private remember(key: string, child: Child): Child {
    if (this.children.size < MAX_REMEMBERED) this.children.set(key, child);
    return child;
  }
}
