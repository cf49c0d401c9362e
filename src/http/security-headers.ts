import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { ShutdownState } from '../common/shutdown-state';

/** Sets headers on a response. */
export type SecurityHeaders = (response: ServerResponse) => void;

/** Restricts what browsers do with responses, as far as the explorer at `/docs` allows. */
export function securityHeaders(): SecurityHeaders {
  // The headers are the same for all responses, and helmet would compute each of them every time.
  const headers = capturedHeaders(
    helmet({
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
    }),
  );
  return (response) => {
    for (const [name, value] of headers) response.setHeader(name, value);
  };
}

/** One year. */
const TRANSPORT_SECURITY = 'max-age=31536000; includeSubDomains';

/** Responses of these paths contain tokens (RFC 6749, section 5.1) or personal data. */
const NEVER_STORED = /^\/(auth|users)(\/|$)/i;

/**
 * Sets the headers that do not depend on the route. Responses are for one user and are revalidated
 * before each use; problems are never stored. Once the shutdown has begun, clients are asked to close
 * their connections, because it waits for them.
 */
export function commonHeaders(
  setSecurityHeaders: SecurityHeaders,
  shutdown: ShutdownState,
): RequestHandler {
  return (request, response, next) => {
    setSecurityHeaders(response);
    // HSTS, over HTTPS only (RFC 6797, section 7.2). Behind a proxy, the scheme is known by `TRUST_PROXY`.
    if (request.secure) response.setHeader('Strict-Transport-Security', TRANSPORT_SECURITY);
    const mayBeStored = !NEVER_STORED.test(request.path);
    response.setHeader('Cache-Control', mayBeStored ? 'private, no-cache' : 'no-store');
    if (shutdown.closesConnections) response.setHeader('Connection', 'close');
    next();
  };
}

/** The headers that helmet sets. */
function capturedHeaders(setHeaders: ReturnType<typeof helmet>): [name: string, value: string][] {
  const headers: [string, string][] = [];
  const response = {
    setHeader: (name: string, value: string) => headers.push([name, value]),
    removeHeader: () => undefined,
  };
  const request = {};
  setHeaders(request as IncomingMessage, response as unknown as ServerResponse, (error) => {
    if (error instanceof Error) throw error;
  });
  return headers;
}
