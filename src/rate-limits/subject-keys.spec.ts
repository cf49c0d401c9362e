import { loadConfig } from '../config/app-config';
import { SubjectKeys } from './subject-keys';

describe('SubjectKeys', () => {
  const keys = new SubjectKeys(loadConfig({ JWT_SECRET: 'one secret' }));

  it.each([
    ['IPv6 addresses of one /64', '2001:db8:1:2::1', '2001:db8:1:2:ffff::2'],
    ['an IPv4 address and itself in IPv6', '192.0.2.1', '::ffff:192.0.2.1'],
    ['two spellings', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ])('has one name for %s', (_, one, other) => {
    expect(keys.ofAddress(one)).toBe(keys.ofAddress(other));
  });

  it.each([
    ['IPv6 addresses of two /64', '2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['two IPv4 addresses', '192.0.2.1', '192.0.2.2'],
  ])('tells %s apart', (_, one, other) => {
    expect(keys.ofAddress(one)).not.toBe(keys.ofAddress(other));
  });

  it('tells pairs apart that are the same when written one after the other', () => {
    expect(keys.of('ab', 'c')).not.toBe(keys.of('a', 'bc'));
  });

  it('has the same names on another instance with the same secret, and others with another', () => {
    const twin = new SubjectKeys(loadConfig({ JWT_SECRET: 'one secret' }));
    const stranger = new SubjectKeys(loadConfig({ JWT_SECRET: 'other secret' }));
    expect(twin.of('john@example.com')).toBe(keys.of('john@example.com'));
    expect(stranger.of('john@example.com')).not.toBe(keys.of('john@example.com'));
  });

  it('shows nothing of what is named', () => {
    expect(keys.of('john@example.com')).toMatch(/^[\w-]{22}$/);
  });
});
