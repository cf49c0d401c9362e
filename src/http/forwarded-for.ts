import { isIP } from 'node:net';
import type { RequestHandler } from 'express';

/** Each hop costs time. `TRUST_PROXY` counts up to 99. */
const MAX_HOPS = 100;

/** `203.0.113.7:4711` or `[2001:db8::7]:4711`, as some proxies write, or an address in brackets. */
const WITH_PORT = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/;

/**
 * Reduces `X-Forwarded-For` to addresses, before Express makes `request.ip` of it: the one place
 * that decides which address a client has, for limits and for the list of sessions. Were ports left,
 * each connection of a client would look like another client.
 */
export function normalizeForwardedFor(): RequestHandler {
  return (request, _response, next) => {
    const header = request.headers['x-forwarded-for'];
    if (header !== undefined) request.headers['x-forwarded-for'] = addressesIn(String(header));
    next();
  };
}

/**
 * The addresses of the hops, nearest last. What is not an address ends the list: of what is beyond
 * that hop nothing is known, so the client is the nearest hop that has an address.
 */
export function addressesIn(header: string): string {
  const addresses: string[] = [];
  const hops = header.split(',').slice(-MAX_HOPS);
  for (const hop of hops.toReversed()) {
    const address = toAddress(hop.trim());
    if (address === undefined) break;
    addresses.unshift(address);
  }
  return addresses.join(', ');
}

function toAddress(hop: string): string | undefined {
  const [, bracketed, beforePort] = WITH_PORT.exec(hop) ?? [];
  const address = bracketed ?? beforePort ?? hop;
  return isIP(address) === 0 ? undefined : address;
}
