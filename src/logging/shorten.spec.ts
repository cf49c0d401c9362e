import { shortenForLog } from './shorten';

describe('A path in the log', () => {
  it.each([
    ['/orders/1', '/orders/1'],
    ['/"\\"', '/"\\"'],
    ['a'.repeat(21), `${'a'.repeat(20)}…`],
    ['"'.repeat(10), '"'.repeat(10)],
    ['"'.repeat(11), `${'"'.repeat(10)}…`],
    ['\u0000'.repeat(4), `${'\u0000'.repeat(3)}…`],
    ['é'.repeat(11), `${'é'.repeat(10)}…`],
    ['😀'.repeat(6), `${'😀'.repeat(5)}…`],
  ])('of %j is limited in bytes', (path, shortened) => {
    expect(shortenForLog(path, 20)).toBe(shortened);
  });
});
