import type { RequestHandler } from 'express';
import helmet, { strictTransportSecurity } from 'helmet';

/** Sets headers on a response. It works without Express. */
export type SecurityHeaders = ReturnType<typeof helmet>;

/** Restricts what browsers do with responses, as far as the explorer at `/docs` allows. */
export function securityHeaders(): SecurityHeaders {
  return helmet({
    contentSecurityPolicy: {
      // Without `upgrade-insecure-requests`: it would leave the explorer blank over plain HTTP.
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:'],
        'object-src': ["'none'"],
        'script-src-attr': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: false,
  });
}

/** HSTS, over HTTPS only (RFC 6797, section 7.2). Behind a proxy, the scheme is known by `TRUST_PROXY`. */
export function transportSecurity(): RequestHandler {
  const setHeader = strictTransportSecurity();
  return (request, response, next) => {
    if (request.secure) setHeader(request, response, next);
    else next();
  };
}

/** Responses of these paths contain tokens (RFC 6749, section 5.1) or personal data. */
const NEVER_STORED = /^\/(auth|users)(\/|$)/i;

/** Responses are for one user and are revalidated before each use. Problems are never stored. */
export function cacheControl(): RequestHandler {
  return (request, response, next) => {
    const mayBeStored = !NEVER_STORED.test(request.path);
    response.setHeader('Cache-Control', mayBeStored ? 'private, no-cache' : 'no-store');
    next();
  };
}
