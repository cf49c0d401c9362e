import { loadConfig } from '../config/app-config';
import { InvalidCursorError } from '../errors/common.errors';
import type { KeysetPosition } from '../database/keyset-position';
import { CursorCodec } from './cursor-codec';

describe('CursorCodec', () => {
  const codecWith = (secret: string) => new CursorCodec(loadConfig({ JWT_SECRET: secret }));
  const codec = codecWith('one secret');
  const position: KeysetPosition = { createdAt: new Date('2026-01-31T12:00:00.001Z'), id: 7 };

  it.each([
    [1, '2026-01-31T12:00:00.000Z'],
    [35, '2026-01-31T12:00:00.999Z'],
    [36, '1970-01-01T00:00:00.000Z'],
    [1_000_000, '1969-12-31T23:59:59.999Z'],
    [Number.MAX_SAFE_INTEGER, '9999-12-31T23:59:59.999Z'],
  ])('decodes the position of order %d of %s', (id, createdAt) => {
    const position = { createdAt: new Date(createdAt), id };
    expect(codec.decode(codec.encode(position, 'list'), 'list')).toEqual(position);
  });

  it('decodes the cursor of another instance with the same secret', () => {
    const cursor = codec.encode(position, 'list');
    expect(codecWith('one secret').decode(cursor, 'list')).toEqual(position);
  });

  const cursor = codec.encode(position, 'list');
  const [payload = '', signature = ''] = cursor.split('.');
  it.each([
    ['another list', cursor, 'other list'],
    ['an altered id', `${payload.replace(/7$/, '8')}.${signature}`, 'list'],
    ['an altered instant', `1${payload}.${signature}`, 'list'],
    ['an altered signature', `${payload}.${signature.replace(/^./, '_')}`, 'list'],
    ['a missing signature', payload, 'list'],
    ['an empty string', '', 'list'],
    ['any string', 'abc.def', 'list'],
    ['a signature of other characters', `${payload}.${'é'.repeat(signature.length)}`, 'list'],
  ])('rejects %s', (_, given, scope) => {
    expect(() => codec.decode(given, scope)).toThrow(InvalidCursorError);
  });

  it('rejects a cursor that was made with another secret', () => {
    expect(() => codecWith('other secret').decode(cursor, 'list')).toThrow(InvalidCursorError);
  });
});
