import { Injectable } from '@nestjs/common';
import { Signer } from '../common/signer';
import { AppConfig } from '../config/app-config';
import { RefreshTokenInvalidError } from './auth.errors';
import type { Session } from './session.entity';

/** What a refresh token stands for: a session, and which one of its tokens this is. */
export type RefreshTokenContent = Pick<Session, 'key' | 'generation'>;

/**
 * Makes and reads refresh tokens. A token is signed rather than stored: the database alone lets
 * nobody make one, and the successor of a token can be told again (RFC 9700, section 4.14.2).
 */
@Injectable()
export class RefreshTokens {
  private readonly signer: Signer;

  constructor(config: AppConfig) {
    this.signer = new Signer(config, 'refresh-token');
  }

  issue({ key, generation }: RefreshTokenContent): string {
    const content = `${key}.${generation}`;
    return `${content}.${this.signer.sign(content)}`;
  }

  /** @throws RefreshTokenInvalidError for anything that `issue` did not make */
  read(token: string): RefreshTokenContent {
    const [key = '', generation = '', signature = '', ...rest] = token.split('.');
    if (rest.length > 0 || !this.signer.hasSigned(`${key}.${generation}`, signature)) {
      throw new RefreshTokenInvalidError();
    }
    return { key, generation: Number(generation) };
  }
}
