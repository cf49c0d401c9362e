import { cpuMsOf } from '../../test/support/cpu-time';
import { parseEntityTags } from './entity-tags';

describe('parseEntityTags', () => {
  it('reads *', () => {
    expect(parseEntityTags('*')).toBe('*');
    expect(parseEntityTags(' * ')).toBe('*');
  });

  it.each([
    ['"1-0"', ['"1-0"']],
    ['""', ['""']],
    ['"a", "b"', ['"a"', '"b"']],
    ['"a","b"\t,\tW/"c"', ['"a"', '"b"', '"c"']],
    ['"a,b"', ['"a,b"']],
    [', "a",, "b" ,', ['"a"', '"b"']],
    ['"*"', ['"*"']],
    ['"é"', ['"é"']],
  ])('reads %s', (header, expected) => {
    expect(parseEntityTags(header)).toEqual(new Set(expected));
  });

  it.each([
    ['W/"1-0"'],
    ['1-0'],
    [' 1-0 ,'],
    ['"1-0-gzip"'],
    ['"1-0--gzip"'],
    ['W/"1-0-br"'],
    ['"1-0-zstd", 1-0, W/"1-0"'],
  ])('reads %s as the tag that was sent', (header) => {
    expect(parseEntityTags(header)).toEqual(new Set(['"1-0"']));
  });

  it.each([['"1-0-gzip-x"'], ['"1-0gzip"'], ['"1-0-GZIP"']])(
    'reads %s as another tag',
    (header) => {
      expect(parseEntityTags(header)).toEqual(new Set([header]));
    },
  );

  it('reads 100 tags, and rejects 101', () => {
    expect(parseEntityTags('"a",'.repeat(100))).toEqual(new Set(['"a"']));
    expect(parseEntityTags('"a",'.repeat(101))).toBeUndefined();
  });

  it.each([
    '',
    ' ',
    ',',
    '"a',
    'a"',
    "'a'",
    '"a" "b"',
    '"a";"b"',
    'a b',
    '-a',
    'a:b',
    '"a b"',
    'w/"a"',
    'W/a',
    'W/ "a"',
    '*, "a"',
    '"a", *',
    '**',
    '"\x7f"',
    '"\u0100"',
  ])('rejects "%s"', (header) => {
    expect(parseEntityTags(header)).toBeUndefined();
  });

  it('rejects 16,000 blanks, commas or quotes within half a second', () => {
    const cpuMs = cpuMsOf(() => {
      for (const filler of [' ', ',', '"a",', '\t,', '"']) {
        expect(parseEntityTags(`"a",${filler.repeat(16_000)}"x`)).toBeUndefined();
      }
    });
    expect(cpuMs).toBeLessThan(500);
  });
});
