import { types } from 'pg';
import { instantStrings, toInstantString } from './instant-strings';

describe('toInstantString', () => {
  it.each([
    ['2026-11-30 07:35:32.235+00', '2026-11-30T07:35:32.235Z'],
    ['2026-11-30 07:35:32.2+00', '2026-11-30T07:35:32.200Z'],
    ['2026-11-30 07:35:32.02+00', '2026-11-30T07:35:32.020Z'],
    ['2026-11-30 07:35:32+00', '2026-11-30T07:35:32.000Z'],
    // The time zone of the server or of the role is not UTC.
    ['2026-11-30 09:35:32.235+02', '2026-11-30T07:35:32.235Z'],
    ['2026-11-30 13:05:32.2+05:30', '2026-11-30T07:35:32.200Z'],
    // A column of microseconds.
    ['2026-11-30 07:35:32.235999+00', '2026-11-30T07:35:32.235Z'],
    ['10000-01-01 00:00:00+00', '+010000-01-01T00:00:00.000Z'],
    ['infinity', Infinity],
  ])('reads %s as %s', (text, expected) => {
    expect(toInstantString(text)).toBe(expected);
  });
});

describe('instantStrings', () => {
  it('leaves other types to pg', () => {
    const { INT4, TIMESTAMPTZ } = types.builtins;
    expect(instantStrings.getTypeParser(INT4, 'text')('7')).toBe(7);
    expect(instantStrings.getTypeParser(TIMESTAMPTZ)('2026-11-30 07:35:32+00')).toBe(
      '2026-11-30T07:35:32.000Z',
    );
  });
});
