import { assert, property, string } from 'fast-check';
import { parseIdempotencyKey, quoteIdempotencyKey } from './parse-idempotency-key';

const VISIBLE = Array.from({ length: 94 }, (_, n) => String.fromCharCode(33 + n)).join('');

describe('parseIdempotencyKey', () => {
  it.each([
    ['k', 'k'],
    ['"k"', 'k'],
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    [String.raw`"a\"b"`, 'a"b'],
    [String.raw`"a\\b"`, String.raw`a\b`],
    [String.raw`"\\\""`, String.raw`\"`],
    [String.raw`"\""`, '"'],
    // Only a quote at the beginning makes it a string.
    ['a"b"', 'a"b"'],
    [String.raw`a\b`, String.raw`a\b`],
    [VISIBLE, VISIBLE],
    [`"${'k'.repeat(255)}"`, 'k'.repeat(255)],
    [`"${String.raw`\"`.repeat(255)}"`, '"'.repeat(255)],
  ])('parses %s', (header, key) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  it.each([
    ['no characters', ''],
    ['an empty string', '""'],
    ['one quote', '"'],
    ['a string without its end', '"k'],
    ['a string whose end is escaped', String.raw`"k\"`],
    ['characters after the string', '"k"x'],
    ['a parameter', '"k";a=1'],
    ['two strings', '"one", "two"'],
    ['a quote that is not escaped', '"a"b"'],
    ['an escaped letter', String.raw`"\k"`],
    ['a backslash at the end', '"k\\'],
    ['a blank in a string', '"two words"'],
    ['a tab in a string', '"a\tb"'],
    ['a letter that is not ASCII', '"clé"'],
    ['a string of 256 characters', `"${'k'.repeat(256)}"`],
    ['256 characters', 'k'.repeat(256)],
  ])('rejects %s', (_, header) => {
    expect(parseIdempotencyKey(header)).toBeUndefined();
  });

  it('parses each key in quotes as the key', () => {
    const unit = string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }).filter((character) =>
      VISIBLE.includes(character),
    );
    const keys = string({ unit, minLength: 1, maxLength: 255 });
    assert(
      property(keys, (key) => {
        expect(parseIdempotencyKey(quoteIdempotencyKey(key))).toBe(key);
      }),
    );
  });

  it('takes linear time', () => {
    expect(parseIdempotencyKey(`"${'\\'.repeat(16_000)}`)).toBeUndefined();
  });
});
