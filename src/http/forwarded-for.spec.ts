import { addressesIn } from './forwarded-for';

describe('X-Forwarded-For', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:4711', '203.0.113.7'],
    ['198.51.100.9:1, 203.0.113.7:2', '198.51.100.9, 203.0.113.7'],
    ['[2001:db8::7]:4711', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['unknown', ''],
    ['unknown, 203.0.113.7', '203.0.113.7'],
    ['198.51.100.9, 203.0.113.7:', ''],
    ['198.51.100.9, 999.0.0.1:80, 203.0.113.7', '203.0.113.7'],
    ['', ''],
  ])('%s is read as %s', (header, addresses) => {
    expect(addressesIn(header)).toBe(addresses);
  });

  it('has at most 100 hops', () => {
    expect(addressesIn('10.0.0.1, '.repeat(1_000) + '10.0.0.2').split(',')).toHaveLength(100);
  });
});
