import { isIP } from 'node:net';
import type { RequestHandler } from 'express';

/** Parsing each hop takes time. `TRUST_PROXY` is at most 99. */
const MAX_HOPS = 100;

/** `203.0.113.7:4711` or `[2001:db8::7]:4711`, as some proxies write, or an address in brackets. */
const WITH_PORT = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/;

/**
 * Reduces `X-Forwarded-For` to addresses before Express derives `request.ip` from it, which limits and
 * the list of sessions use. With their ports, the connections of one client would look like several
 * clients.
 */
export function normalizeForwardedFor(): RequestHandler {
  return (request, _response, next) => {
    const header = request.headers['x-forwarded-for'];
    if (header !== undefined) request.headers['x-forwarded-for'] = addressesIn(String(header));
    next();
  };
}

/**
 * Returns the addresses of the hops, nearest last. A hop without an address ends the list, because what
 * is beyond it is unknown: the client is then the nearest hop with an address.
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
