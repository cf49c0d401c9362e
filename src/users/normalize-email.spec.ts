import { normalizeEmail } from './normalize-email';

describe('normalizeEmail', () => {
  it('trims and lower-cases', () => {
    expect(normalizeEmail('  John@Example.COM ')).toBe('john@example.com');
  });

  it.each(['\u212Aim@example.com', 'd\u0131m@example.com', 'jos\u00E9@example.com'])(
    'returns %s unchanged, not as an ASCII address',
    (address) => {
      expect(normalizeEmail(address)).toBe(address);
    },
  );
});
