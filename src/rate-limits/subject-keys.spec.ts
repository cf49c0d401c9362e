import { loadConfig } from '../config/app-config';
import { SubjectKeys } from './subject-keys';

describe('SubjectKeys', () => {
  const keys = new SubjectKeys(loadConfig({ JWT_SECRET: 'one secret' }));

  it.each([
    ['IPv6 addresses of one /64', '2001:db8:1:2::1', '2001:db8:1:2:ffff::2'],
    ['an IPv4 address and itself in IPv6', '192.0.2.1', '::ffff:192.0.2.1'],
    ['two spellings', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ])('derives one key for %s', (_, one, other) => {
    expect(keys.ofAddress(one)).toBe(keys.ofAddress(other));
  });

  it.each([
    ['IPv6 addresses of two /64', '2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['two IPv4 addresses', '192.0.2.1', '192.0.2.2'],
  ])('derives different keys for %s', (_, one, other) => {
    expect(keys.ofAddress(one)).not.toBe(keys.ofAddress(other));
  });

  it('derives different keys for pairs with the same concatenation', () => {
    expect(keys.of('ab', 'c')).not.toBe(keys.of('a', 'bc'));
  });

  it('derives the same keys on instances with the same secret only', () => {
    const same = new SubjectKeys(loadConfig({ JWT_SECRET: 'one secret' }));
    const other = new SubjectKeys(loadConfig({ JWT_SECRET: 'other secret' }));
    expect(same.of('john@example.com')).toBe(keys.of('john@example.com'));
    expect(other.of('john@example.com')).not.toBe(keys.of('john@example.com'));
  });

  it('discloses nothing of the subject', () => {
    expect(keys.of('john@example.com')).toMatch(/^[\w-]{22}$/);
  });
});
