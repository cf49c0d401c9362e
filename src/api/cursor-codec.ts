import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { InvalidCursorError } from '../errors/common.errors';
import { Signer } from '../common/signer';

/** Where a page ends, in a list that is ordered by creation and, within one instant, by id. */
export interface KeysetPosition {
  readonly createdAt: Date;
  readonly id: number;
}

/**
 * Makes and reads the opaque cursors of keyset pages. A cursor is signed together with its scope
 * (whose list it is, and how that list is filtered), so it works for no other list.
 */
@Injectable()
export class CursorCodec {
  private readonly signer: Signer;

  constructor(config: AppConfig) {
    this.signer = new Signer(config, 'list-cursor');
  }

  encode({ createdAt, id }: KeysetPosition, scope: string): string {
    const payload = `${createdAt.getTime().toString(36)}_${id.toString(36)}`;
    return `${payload}.${this.signer.sign(signed(payload, scope))}`;
  }

  /** @throws InvalidCursorError for anything that `encode` did not make for this scope */
  decode(cursor: string, scope: string): KeysetPosition {
    const [payload = '', signature = '', ...rest] = cursor.split('.');
    const isIntact = this.signer.hasSigned(signed(payload, scope), signature);
    if (!isIntact || rest.length > 0) throw new InvalidCursorError();
    const [createdAt = '', id = ''] = payload.split('_');
    return { createdAt: new Date(Number.parseInt(createdAt, 36)), id: Number.parseInt(id, 36) };
  }
}

function signed(payload: string, scope: string): string {
  return `${scope}\n${payload}`;
}
