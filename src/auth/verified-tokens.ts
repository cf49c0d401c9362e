import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { boundedCache } from '../common/bounded-cache';

const MAX_TOKENS = 10_000;

/** The claims of an access token whose signature and claims were verified. */
export interface VerifiedClaims {
  /** The id of the user. */
  readonly sub: string;
  /** The key of the session. */
  readonly sid: string;
  /** When the token expires, in seconds since the epoch (RFC 7519, section 4.1.4). */
  readonly exp: number;
}

/**
 * Remembers verified access tokens until they expire, so that each is verified once and not for every
 * request. Whether the session still exists is not remembered here.
 */
@Injectable()
export class VerifiedTokens {
  /** By a digest, so that no token stays in memory. */
  private readonly claims = boundedCache<string, VerifiedClaims>(MAX_TOKENS);

  remember(token: string, claims: VerifiedClaims): void {
    this.claims.set(digestOf(token), claims);
  }

  /** @returns undefined when the token has to be verified */
  recall(token: string): VerifiedClaims | undefined {
    const digest = digestOf(token);
    const claims = this.claims.get(digest);
    if (claims === undefined || claims.exp > Math.floor(Date.now() / 1_000)) return claims;
    this.claims.delete(digest);
    return undefined;
  }
}

function digestOf(token: string): string {
  return hash('sha256', token, 'base64');
}
