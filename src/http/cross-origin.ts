import type { INestApplication } from '@nestjs/common';
import type { RequestHandler, Request } from 'express';

const ANY_ORIGIN = '*';

/** For ten minutes a browser need not ask again. */
const PREFLIGHT_SECONDS = 600;

const SHARING = {
  methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
  allowedHeaders: [
    'Authorization',
    'Content-Type',
    'Idempotency-Key',
    'If-Match',
    'If-None-Match',
    'X-Request-Id',
  ],
  exposedHeaders: [
    'X-Request-Id',
    'Location',
    'Link',
    'ETag',
    'Retry-After',
    'RateLimit',
    'RateLimit-Policy',
    'Idempotent-Replayed',
    'WWW-Authenticate',
  ],
  maxAge: PREFLIGHT_SECONDS,
  // Tokens travel in a header that scripts set. There are no cookies, so none are allowed.
  credentials: false,
};

/**
 * Allows scripts of these origins to read responses. Requests of others get no CORS headers, and their
 * preflights are ordinary OPTIONS requests.
 */
export function enableCors(app: INestApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const isOpen = origins.includes(ANY_ORIGIN);
  if (!isOpen) app.use(varyByOrigin());
  app.enableCors((request: Request, decide: (error: null, options: object) => void) => {
    const { origin } = request.headers;
    const isShared = origin !== undefined && (isOpen || origins.includes(origin));
    // Any other OPTIONS is an ordinary request for a method that no route has.
    const isPreflight = request.headers['access-control-request-method'] !== undefined;
    const isServed = isShared && (request.method !== 'OPTIONS' || isPreflight);
    const shownOrigin = isOpen ? ANY_ORIGIN : origin;
    decide(null, isServed ? { ...SHARING, origin: shownOrigin } : { origin: false });
  });
}

/** Also where the origin is missing or foreign: otherwise a cache would serve that response to the others. */
function varyByOrigin(): RequestHandler {
  return (_request, response, next) => {
    response.vary('Origin');
    next();
  };
}
