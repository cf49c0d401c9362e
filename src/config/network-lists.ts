import { BlockList, isIP } from 'node:net';

/** Names of address ranges in Express. */
const NAMED_RANGES = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** Splits a comma-separated list; empty entries are left out. */
export function splitList(value: string): string[] {
  return value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** Whether a value is a number of proxies or a list of their addresses. */
export function isTrustedProxies(value: string): boolean {
  return isHopCount(value) || splitList(value).every(isAddressRange);
}

/** Whether a value is a number of proxies, 0 to 99. */
export function isHopCount(value: string): boolean {
  return /^\d{1,2}$/.test(value.trim());
}

/** Whether a value is a list of addresses and CIDR ranges. */
export function isNetworkList(value: string): boolean {
  return splitList(value).every(isNetwork);
}

/** Whether one of the ranges of a valid list has addresses of the host itself. */
export function includesLoopback(value: string): boolean {
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8);
  loopback.addAddress('::1', 'ipv6');
  return splitList(value).some((range) => {
    const [address = '', length] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (loopback.check(address, family)) return true;
    const network = new BlockList();
    network.addSubnet(address, Number(length ?? (family === 'ipv6' ? 128 : 32)), family);
    // A range is inside of loopback, or contains all of it: ranges cannot overlap in another way.
    return network.check('127.0.0.1') || network.check('::1', 'ipv6');
  });
}

function isAddressRange(value: string): boolean {
  return NAMED_RANGES.has(value) || isNetwork(value);
}

/** An address or a CIDR range. A prefix of length 0 is rejected: it would include every address. */
function isNetwork(value: string): boolean {
  const [address = '', length, ...rest] = value.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (bits === 0 || address.includes('%') || rest.length > 0) return false;
  return length === undefined || (/^[1-9]\d{0,2}$/.test(length) && Number(length) <= bits);
}

/** Origins as browsers send them (RFC 6454, section 6.2), or `*` alone for any. */
export function isOriginList(value: string): boolean {
  return value.trim() === '*' || splitList(value).every(isOrigin);
}

function isOrigin(value: string): boolean {
  if (!/^https?:[^*]+$/.test(value) || !URL.canParse(value)) return false;
  return new URL(value).origin === value;
}
