import type { INestApplication } from '@nestjs/common';
import type { Request, Response } from 'express';

const CORS_OPTIONS = {
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
    'Content-Disposition',
    'Link',
    'ETag',
    'Retry-After',
    'RateLimit',
    'RateLimit-Policy',
    'Idempotent-Replayed',
    'WWW-Authenticate',
  ],
  maxAge: 600, // seconds for which a browser may cache the response to a preflight
  // Scripts send tokens in a header. There are no cookies.
  credentials: false,
};

/**
 * Allows scripts of these origins to read responses. Requests from other origins get no CORS headers,
 * and their preflights are ordinary OPTIONS requests.
 */
export function enableCors(app: INestApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowsAny = origins.includes('*');
  if (!allowsAny) app.use(varyByOrigin);
  app.enableCors((request: Request, decide: (error: null, options: object) => void) => {
    const { origin } = request.headers;
    const isAllowed = origin !== undefined && (allowsAny || origins.includes(origin));
    // Any other OPTIONS is an ordinary request for a method that no route has.
    const isPreflight = request.headers['access-control-request-method'] !== undefined;
    const hasCorsHeaders = isAllowed && (request.method !== 'OPTIONS' || isPreflight);
    const allowedOrigin = allowsAny ? '*' : origin;
    decide(null, hasCorsHeaders ? { ...CORS_OPTIONS, origin: allowedOrigin } : { origin: false });
  });
}

/** Also when the origin is missing or not allowed: otherwise a cache would serve that response to allowed origins. */
function varyByOrigin(_request: Request, response: Response, next: () => void): void {
  response.vary('Origin');
  next();
}
