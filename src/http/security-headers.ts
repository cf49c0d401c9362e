import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import helmet, { strictTransportSecurity } from 'helmet';

/** Sets the headers that need nothing but a response. */
export type SecurityHeaders = (
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
) => void;

/** What browsers may do with any answer; the explorer at `/docs` needs all of it. */
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

/** RFC 6797, section 7.2: not over plain HTTP. Behind a proxy, `TRUST_PROXY` tells which it was. */
export function transportSecurity(): RequestHandler {
  const setHeader = strictTransportSecurity();
  return (request, response, next) => {
    if (request.secure) setHeader(request, response, next);
    else next();
  };
}

/** Answers under these paths carry tokens (RFC 6749, section 5.1) or say who somebody is. */
const NEVER_STORED = /^\/(auth|users)(\/|$)/i;

/** Answers are for one user, and are checked again before each use; problems are never stored. */
export function cacheControl(): RequestHandler {
  return (request, response, next) => {
    const isStored = !NEVER_STORED.test(request.path);
    response.setHeader('Cache-Control', isStored ? 'private, no-cache' : 'no-store');
    next();
  };
}
