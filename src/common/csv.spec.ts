import { csvRecord } from './csv';

describe('csvRecord', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['a,b', '"a,b"'],
    ['a;b', '"a;b"'],
    ['a\tb', '"a\tb"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\r\nlines', '"two\r\nlines"'],
    [' padded ', '" padded "'],
    ['Café ☕ 😀', 'Café ☕ 😀'],
  ])('quotes %j where RFC 4180 or another separator requires it', (value, cell) => {
    expect(csvRecord([value])).toBe(`${cell}\r\n`);
  });

  it.each([
    ['=1+1', `'=1+1`],
    ['+1', `'+1`],
    ['-1', `'-1`],
    ['@SUM(A1)', `'@SUM(A1)`],
    [' =1+1', `' =1+1`],
    ['\t=1', `"'\t'=1"`],
    ['x;=1+1;y', `"x;'=1+1;y"`],
    ['x;"=1+1"', `"x;'""=1+1"""`],
    ['x\t @SUM(A1)', `"x\t' @SUM(A1)"`],
    ['x\r\n-1', `"x\r'\n'-1"`],
    ['x;＝1', `"x;'＝1"`],
    ['\rx', `"'\rx"`],
    ['\nx', `"'\nx"`],
    ['\u00a0=1', `'\u00a0=1`],
    ['＝1', `'＝1`],
    ['=HYPERLINK("a","b")', `"'=HYPERLINK(""a"",""b"")"`],
  ])('neutralises %j', (value, cell) => {
    expect(csvRecord([value])).toBe(`${cell}\r\n`);
  });

  it('leaves numbers alone, and nothing of a null', () => {
    expect(csvRecord([-1.5, null, 'a=b', 'a; b=c', 0.01])).toBe('-1.5,,a=b,"a; b=c",0.01\r\n');
  });
});
