import { SocketAddress, isIPv6 } from 'node:net';

/**
 * Returns the part of an IP address that identifies a client: an IPv4 address as a whole, also when it
 * is mapped to IPv6, and of an IPv6 address the network of 64 bits, the least that a client is
 * assigned (RFC 6177).
 */
export function clientNetwork(address: string): string {
  if (!isIPv6(address)) return address;
  const [withoutZone] = address.split('%');
  const canonical = new SocketAddress({ family: 'ipv6', address: withoutZone }).address;
  const ipv4 = /^::ffff:([\d.]+)$/.exec(canonical)?.[1];
  if (ipv4 !== undefined) return ipv4;
  const [head = '', tail] = canonical.split('::');
  const groups = (head || '0').split(':');
  if (tail !== undefined) {
    const rest = tail.split(':');
    groups.push(...Array<string>(8 - groups.length - rest.length).fill('0'), ...rest);
  }
  return groups.slice(0, 4).join(':');
}
