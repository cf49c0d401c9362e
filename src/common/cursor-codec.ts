import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { InvalidCursorError } from './common.errors';

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
  private readonly key: Uint8Array;

  constructor({ auth }: AppConfig) {
    this.key = new Uint8Array(hkdfSync('sha256', auth.secret, '', 'list-cursor', 32));
  }

  encode({ createdAt, id }: KeysetPosition, scope: string): string {
    const payload = `${createdAt.getTime().toString(36)}_${id.toString(36)}`;
    return `${payload}.${this.sign(payload, scope)}`;
  }

  /** @throws InvalidCursorError for anything that `encode` did not make for this scope */
  decode(cursor: string, scope: string): KeysetPosition {
    const [payload = '', signature = '', ...rest] = cursor.split('.');
    const expected = Buffer.from(this.sign(payload, scope));
    const given = Buffer.from(signature);
    const isIntact =
      rest.length === 0 && given.length === expected.length && timingSafeEqual(given, expected);
    if (!isIntact) {
      throw new InvalidCursorError();
    }
    const [createdAt = '', id = ''] = payload.split('_');
    return { createdAt: new Date(Number.parseInt(createdAt, 36)), id: Number.parseInt(id, 36) };
  }

  private sign(payload: string, scope: string): string {
    return createHmac('sha256', this.key)
      .update(`${scope}\n${payload}`)
      .digest()
      .subarray(0, 16)
      .toString('base64url');
  }
}
