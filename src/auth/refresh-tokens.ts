import { Injectable } from '@nestjs/common';
import { Signer } from '../common/signer';
import { AppConfig } from '../config/app-config';
import { RefreshTokenInvalidError } from './auth.errors';
import type { Session } from './session.entity';

/** The content of a refresh token: its session, and its position among the tokens of the session. */
export type RefreshTokenContent = Pick<Session, 'key' | 'generation'>;

/**
 * Issues and reads refresh tokens. They are signed instead of stored: a copy of the database is not
 * enough to forge one, and a token can be issued again for a repeated request.
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

  /** @throws RefreshTokenInvalidError when the signature is wrong */
  read(token: string): RefreshTokenContent {
    const [key = '', generation = '', signature = '', ...rest] = token.split('.');
    if (rest.length > 0 || !this.signer.hasSigned(`${key}.${generation}`, signature)) {
      throw new RefreshTokenInvalidError();
    }
    return { key, generation: Number(generation) };
  }
}
