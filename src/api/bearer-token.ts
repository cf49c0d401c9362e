import type { Request } from 'express';

/** Reads only the `Authorization` header (RFC 6750, section 2.1), not the query or cookies. */
export function bearerToken({ headers }: Request): string | null {
  return /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}
