import { isIP } from 'node:net';

/** Ranges that express knows by name. */
const NAMED_RANGES = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** Splits a comma-separated list, leaving out what is empty. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** A number of proxies, or the addresses they have. */
export function isTrustedProxies(text: string): boolean {
  return isHopCount(text) || splitList(text).every(isAddressRange);
}

/** How many proxies an `X-Forwarded-For` passes on its way here. */
export function isHopCount(text: string): boolean {
  return /^\d{1,2}$/.test(text.trim());
}

/** An address or a CIDR range. One of length 0 would trust everybody. */
function isAddressRange(text: string): boolean {
  if (NAMED_RANGES.has(text)) return true;
  const [address = '', length, ...rest] = text.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (bits === 0 || address.includes('%') || rest.length > 0) return false;
  return length === undefined || (/^[1-9]\d{0,2}$/.test(length) && Number(length) <= bits);
}

/** Origins as browsers send them (RFC 6454, section 6.2), or `*` alone for any. */
export function isOriginList(text: string): boolean {
  return text.trim() === '*' || splitList(text).every(isOrigin);
}

function isOrigin(text: string): boolean {
  const isPattern = text.includes('*');
  return /^https?:/.test(text) && !isPattern && URL.canParse(text) && new URL(text).origin === text;
}
