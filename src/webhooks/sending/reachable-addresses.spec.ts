import { ReachableAddresses } from './reachable-addresses';

const internet = new ReachableAddresses([]);

describe('ReachableAddresses', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2001:db7:ffff::1',
    '2003::1',
    '2a00:1450:4001:831::200e',
  ])('include %s', (address) => {
    expect(internet.include(address, true)).toBe(true);
  });

  it.each([
    ['this network', ['0.0.0.0', '0.255.255.255']],
    ['private networks', ['10.0.0.0', '10.255.255.255', '172.16.0.1', '172.31.255.255']],
    ['private networks of homes', ['192.168.0.0', '192.168.255.255']],
    ['carriers', ['100.64.0.0', '100.127.255.255']],
    ['loopback', ['127.0.0.1', '127.0.0.0', '127.255.255.255', '::1']],
    ['link-local addresses', ['169.254.0.0', '169.254.169.254', '169.254.255.255', 'fe80::1']],
    ['IETF protocols', ['192.0.0.0', '192.0.0.8', '192.0.0.255', '2001::', '2001:1ff:ffff::1']],
    ['documentation', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff:fff::1']],
    ['AS112 and AMT', ['192.31.196.1', '192.52.193.1', '192.175.48.1', '2620:4f:8000::1']],
    ['6to4', ['192.88.99.1', '2002::1', '2002:7f00:1::1', '2002:a9fe:a9fe::1']],
    ['Teredo', ['2001:0:7f00:1::1']],
    ['benchmarks', ['198.18.0.0', '198.19.255.255', '2001:2::1']],
    ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1']],
    ['reserved addresses', ['240.0.0.1', '255.255.255.255', '4000::1', 'e000::1', '::']],
    ['IPv4 inside of IPv6', ['::ffff:8.8.8.8', '::ffff:7f00:1', '::8.8.8.8', '64:ff9b::808:808']],
    ['unique local addresses', ['fc00::1', 'fd00:ec2::254']],
    ['discarded addresses', ['100::1', '5f00::1']],
    ['what is no address', ['', 'localhost', '127.1', '0x7f000001', '2606::1%eth0', '8.8.8.8/8']],
  ])('do not include %s', (_, addresses) => {
    expect(addresses.filter((address) => internet.include(address, true))).toEqual([]);
  });

  it('include no address without encryption', () => {
    expect(internet.acceptHttp).toBe(false);
    expect(internet.include('8.8.8.8', false)).toBe(false);
  });

  it('include the configured ranges, also without encryption, and no other private one', () => {
    const some = new ReachableAddresses(['127.0.0.0/8', '10.1.2.3', 'fd00::/8']);
    expect(some.acceptHttp).toBe(true);
    for (const isEncrypted of [true, false]) {
      for (const address of ['127.0.0.1', '10.1.2.3', 'fd12::1']) {
        expect(some.include(address, isEncrypted)).toBe(true);
      }
      for (const address of ['10.1.2.4', '169.254.169.254', '::1', 'fe80::1']) {
        expect(some.include(address, isEncrypted)).toBe(false);
      }
    }
    expect(some.include('8.8.8.8', true)).toBe(true);
    expect(some.include('8.8.8.8', false)).toBe(false);
  });
});
