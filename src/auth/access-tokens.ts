import { type KeyObject, hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AppConfig } from '../config/app-config';
import type { Session } from './session.entity';

/** The issuer and the audience of access tokens: only this API accepts them. */
export const TOKEN_ISSUER = 'order-management-api';

/** The type of an access token (RFC 9068, section 2.1). */
const TOKEN_TYPE = 'at+jwt';

/** The claims of an access token; `iss`, `aud`, `iat` and `exp` are added when it is signed. */
export interface AccessTokenClaims {
  /** The id of the user. */
  readonly sub: string;
  /** The key of the session. */
  readonly sid: string;
}

/** Issues access tokens, and finds the keys with which {@link JwtStrategy} verifies them. */
@Injectable()
export class AccessTokens {
  readonly lifetimeSeconds: number;

  /** By their `kid`. The first key signs; the others only verify tokens of previous secrets. */
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

  /** Finds the key that the header of a token names (RFC 7515, section 4.1). */
  readonly findKey = (
    { typ, kid }: { readonly typ?: unknown; readonly kid?: unknown },
    found: (error: Error | null, key?: KeyObject) => void,
  ): void => {
    const isNamed = typ === TOKEN_TYPE && typeof kid === 'string';
    const key = isNamed ? this.keys.get(kid) : undefined;
    found(key ? null : new Error('Not an access token, or signed with an unknown key'), key);
  };
}

/** Derived with HKDF (RFC 5869), so that it reveals nothing about the secret. */
function keyId(secret: KeyObject): string {
  return Buffer.from(hkdfSync('sha256', secret, '', 'key-id', 9)).toString('base64url');
}
