import { type KeyObject, hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AppConfig } from '../config/app-config';
import type { Session } from './session.entity';

/** Both who issues the tokens and whom they are for: nobody else takes them. */
export const TOKEN_ISSUER = 'order-management-api';

/** Says that a token is an access token (RFC 9068, section 2.1). */
const TOKEN_TYPE = 'at+jwt';

/** What an access token says; `iss`, `aud`, `iat` and `exp` are added when signing. */
export interface AccessTokenClaims {
  /** Id of the user. */
  readonly sub: string;
  /** Key of the session. */
  readonly sid: string;
}

/** Header of a token (RFC 7515, section 4.1). */
interface TokenHeader {
  readonly typ?: unknown;
  readonly kid?: unknown;
}

type KeyCallback = (error: Error | null, key?: KeyObject) => void;

/**
 * Issues access tokens, and knows the keys to verify them with. The verifying is done by
 * {@link JwtStrategy}.
 */
@Injectable()
export class AccessTokens {
  readonly lifetimeSeconds: number;

  /** Named by their `kid`. The first one signs; the others verify what earlier secrets signed. */
  private readonly keys: ReadonlyMap<string, KeyObject>;
  private readonly header: { readonly alg: string; readonly typ: string; readonly kid: string };

  constructor(
    private readonly jwt: JwtService,
    { auth }: AppConfig,
  ) {
    this.lifetimeSeconds = auth.accessTokenSeconds;
    this.header = { alg: auth.algorithm, typ: TOKEN_TYPE, kid: keyId(auth.secret) };
    this.keys = new Map([auth.secret, ...auth.previousSecrets].map((key) => [keyId(key), key]));
  }

  issue({ userId, key }: Pick<Session, 'userId' | 'key'>): Promise<string> {
    const claims: AccessTokenClaims = { sub: String(userId), sid: key };
    return this.jwt.signAsync(claims, {
      issuer: TOKEN_ISSUER,
      audience: TOKEN_ISSUER,
      header: this.header,
    });
  }

  /** Finds the key that a token says it was signed with. */
  readonly findKey = ({ typ, kid }: TokenHeader, found: KeyCallback): void => {
    const isNamed = typ === TOKEN_TYPE && typeof kid === 'string';
    const key = isNamed ? this.keys.get(kid) : undefined;
    found(key ? null : new Error('No access token, or not signed with a key of this server'), key);
  };
}

/** Derived, so that it tells nothing about the secret (RFC 5869). */
function keyId(secret: KeyObject): string {
  return Buffer.from(hkdfSync('sha256', secret, '', 'key-id', 9)).toString('base64url');
}
