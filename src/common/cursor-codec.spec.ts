import { loadConfig } from '../config/app-config';
import { InvalidCursorError } from './common.errors';
import { CursorCodec } from './cursor-codec';

describe('CursorCodec', () => {
  const codecWith = (secret: string) => new CursorCodec(loadConfig({ JWT_SECRET: secret }));
  const codec = codecWith('one secret');

  it.each([1, 35, 36, 1_000_000, Number.MAX_SAFE_INTEGER])('gives back position %d', (position) => {
    expect(codec.decode(codec.encode(position, 'list'), 'list')).toBe(position);
  });

  it('works for another instance with the same secret', () => {
    expect(codecWith('one secret').decode(codec.encode(7, 'list'), 'list')).toBe(7);
  });

  const cursor = codec.encode(7, 'list');
  const [position, signature = ''] = cursor.split('.');
  it.each([
    ['another list', cursor, 'other list'],
    ['an altered position', `8.${signature}`, 'list'],
    ['an altered signature', `${position}.${signature.replace(/^./, '_')}`, 'list'],
    ['a missing signature', `${position}`, 'list'],
    ['an empty text', '', 'list'],
    ['any text', 'abc.def', 'list'],
    ['a signature of other characters', `${position}.${'é'.repeat(signature.length)}`, 'list'],
  ])('refuses %s', (_, given, scope) => {
    expect(() => codec.decode(given, scope)).toThrow(InvalidCursorError);
  });

  it('refuses a cursor that was made with another secret', () => {
    expect(() => codecWith('other secret').decode(cursor, 'list')).toThrow(InvalidCursorError);
  });
});
