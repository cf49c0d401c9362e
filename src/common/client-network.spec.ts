import { BlockList } from 'node:net';
import { array, assert, constantFrom, pre, property } from 'fast-check';
import { clientNetwork } from './client-network';

describe('clientNetwork', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8:0:0'],
    ['2001:db8::', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['::2:3:4:5:6', '0:0:0:2'],
    ['1:2:3:4:5:6::', '1:2:3:4'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
    ['unknown', 'unknown'],
  ])('of %j is %j', (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });

  it('ignores a zone of any length', () => {
    const address = '0123:4567:89ab:cdef:0123:4567:100.100.100.100';
    expect(clientNetwork(`${address}%${'z'.repeat(500)}`)).toBe('123:4567:89ab:cdef');
  });

  it('is the same for two IPv6 addresses when their first 64 bits are', () => {
    const group = constantFrom('0', '1', 'ffff');
    const address = array(group, { minLength: 8, maxLength: 8 }).map((all) => all.join(':'));
    const isMapped = (one: string) => one.startsWith('0:0:0:0:0:ffff:');
    assert(
      property(address, address, (one, other) => {
        pre(!isMapped(one) && !isMapped(other));
        const network = new BlockList();
        network.addSubnet(one, 64, 'ipv6');
        expect(clientNetwork(one) === clientNetwork(other)).toBe(network.check(other, 'ipv6'));
      }),
      { numRuns: 1_000 },
    );
  });
});
