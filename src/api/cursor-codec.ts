import { Injectable } from '@nestjs/common';
import { Signer } from '../common/signer';
import { AppConfig } from '../config/app-config';
import type { KeysetPosition } from '../database/keyset-position';
import { InvalidCursorError } from '../errors/common.errors';

/**
 * Encodes and decodes the opaque cursors of keyset pages. A cursor is signed together with its scope
 * (the owner and the filters of its list), so it is valid for this list only.
 */
@Injectable()
export class CursorCodec {
  private readonly signer: Signer;

  constructor(config: AppConfig) {
    this.signer = new Signer(config, 'list-cursor');
  }

  encode({ createdAt, id }: KeysetPosition, scope: string): string {
    const payload = `${new Date(createdAt).getTime().toString(36)}_${id.toString(36)}`;
    return `${payload}.${this.signer.sign(signed(payload, scope))}`;
  }

  /** @throws InvalidCursorError when `encode` did not make the cursor for this scope */
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
