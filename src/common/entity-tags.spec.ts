import { parseEntityTags } from './entity-tags';

describe('parseEntityTags', () => {
  it.each([
    ['*', '*'],
    [' * ', '*'],
    ['"1-0"', ['"1-0"']],
    ['""', ['""']],
    ['W/"1-0"', ['W/"1-0"']],
    ['"a", "b"', ['"a"', '"b"']],
    ['"a","b"\t,\tW/"c"', ['"a"', '"b"', 'W/"c"']],
    ['"a,b"', ['"a,b"']],
    [', "a",, "b" ,', ['"a"', '"b"']],
    ['"*"', ['"*"']],
    ['"é"', ['"é"']],
  ])('reads %s', (header, expected) => {
    expect(parseEntityTags(header)).toEqual(expected);
  });

  it.each([
    '',
    ' ',
    ',',
    'a',
    '1-0',
    '"a',
    'a"',
    "'a'",
    '"a" "b"',
    '"a";"b"',
    '"a b"',
    'w/"a"',
    'W/a',
    'W/ "a"',
    '*, "a"',
    '"a", *',
    '**',
    '"\x7f"',
    '"\u0100"',
  ])('refuses "%s"', (header) => {
    expect(parseEntityTags(header)).toBeUndefined();
  });

  it('takes its time neither for blanks nor for commas', () => {
    const startedAt = performance.now();
    for (const filler of [' ', ',', '"a",', '\t,', '"']) {
      expect(parseEntityTags(`"a",${filler.repeat(16_000)}x`)).toBeUndefined();
    }
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
