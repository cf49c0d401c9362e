import { isIP } from 'node:net';

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

/** An address or a CIDR range. A prefix of length 0 is rejected: it would trust every client. */
function isAddressRange(value: string): boolean {
  if (NAMED_RANGES.has(value)) return true;
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
