import { isIP } from 'node:net';
import type { ReachableAddresses } from './reachable-addresses';

/** Longer URLs are rejected. */
export const MAX_URL_LENGTH = 2_048;

const HTTPS_PORT = 443;

/** Lower ports belong to mail, file servers and the like, which could mistake a request for their protocol. */
const MIN_OTHER_PORT = 1_024;

/** Why webhooks may not be sent to a URL. */
export type UrlFault = 'malformed' | 'forbidden';

/**
 * Parses a URL as WHATWG normalizes it, so that `https://0x7f.1` is seen as 127.0.0.1.
 * @returns the URL without its fragment, or why no webhook may be sent to it
 */
export function parseWebhookUrl(value: string, reachable: ReachableAddresses): URL | UrlFault {
  if (value.length > MAX_URL_LENGTH || !URL.canParse(value)) return 'malformed';
  const url = new URL(value);
  if (url.username !== '' || url.password !== '') return 'malformed';
  if (!isEncrypted(url) && !(url.protocol === 'http:' && reachable.acceptHttp)) return 'malformed';
  url.hash = '';
  if (url.href.length > MAX_URL_LENGTH) return 'malformed';
  const port = portOf(url);
  if (port !== HTTPS_PORT && port < MIN_OTHER_PORT) return 'forbidden';
  const host = hostOf(url);
  if (isIP(host) !== 0 && !reachable.include(host, isEncrypted(url))) return 'forbidden';
  return url;
}

export function isEncrypted({ protocol }: URL): boolean {
  return protocol === 'https:';
}

/** The host without the brackets of IPv6 addresses. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf(url: URL): number {
  return url.port === '' ? (isEncrypted(url) ? HTTPS_PORT : 80) : Number(url.port);
}
