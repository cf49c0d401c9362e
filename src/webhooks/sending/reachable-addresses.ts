import { BlockList, isIP } from 'node:net';

/** IANA IPv4 Special-Purpose Address Registry, with multicast and the reserved ranges. */
const SPECIAL_IPV4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, with the metadata services of clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // IETF protocols
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, with broadcast
] as const;

/** What IANA has allocated for global unicast addresses. All else is forbidden. */
const GLOBAL_IPV6 = ['2000::/3'] as const;

/** IANA IPv6 Special-Purpose Address Registry, as far as it is inside of {@link GLOBAL_IPV6}. */
const SPECIAL_IPV6 = [
  '2001::/23', // IETF protocols, with Teredo and ORCHID
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4, which contains IPv4 addresses
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
] as const;

const specialIpv4 = blockListOf(SPECIAL_IPV4);
const globalIpv6 = blockListOf(GLOBAL_IPV6);
const specialIpv6 = blockListOf(SPECIAL_IPV6);

/** Decides to which addresses webhooks may be sent: the public internet, and the ranges that are configured. */
export class ReachableAddresses {
  private readonly configured: BlockList;

  /** @param configured CIDR ranges or addresses, from `WEBHOOK_ALLOWED_NETWORKS` */
  constructor(private readonly ranges: readonly string[]) {
    this.configured = blockListOf(ranges);
  }

  /** Whether some addresses may be reached without encryption. */
  get acceptHttp(): boolean {
    return this.ranges.length > 0;
  }

  /**
   * @param isEncrypted without encryption, only configured ranges may be reached
   * @returns false also for what is not an address
   */
  include(address: string, isEncrypted: boolean): boolean {
    const version = isIP(address);
    if (version === 0 || address.includes('%')) return false;
    const family = version === 6 ? 'ipv6' : 'ipv4';
    if (this.configured.check(address, family)) return true;
    return isEncrypted && (version === 6 ? isPublicIpv6(address) : isPublicIpv4(address));
  }
}

function isPublicIpv4(address: string): boolean {
  return !specialIpv4.check(address, 'ipv4');
}

function isPublicIpv6(address: string): boolean {
  return globalIpv6.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6');
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', length] = range.split('/');
    const isIpv6 = isIP(address) === 6;
    list.addSubnet(address, Number(length ?? (isIpv6 ? 128 : 32)), isIpv6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
