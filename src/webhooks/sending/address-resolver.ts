import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';

/** How long a lookup may take altogether, in milliseconds: less than the limit for connecting. */
const LIMIT_MS = 4_000;

/** The first wait for a name server. Those of further tries and servers are longer: hence the limit. */
const TIMEOUT_MS = 2_000;
const TRIES = 2;

/** How long addresses of one family wait for those of the other one, in milliseconds. */
const OTHER_FAMILY_MS = 500;

/** DNS has no addresses for a host, or has not responded. */
export class UnresolvedHostError extends Error {
  override readonly name = 'UnresolvedHostError';
}

/**
 * Finds the addresses of hosts by DNS. Not by `dns.lookup`: its few threads also serve files, and a slow name
 * server of a user could occupy all of them. So the hosts file is not read, and names have no search domain.
 */
@Injectable()
export class AddressResolver {
  /**
   * Takes {@link LIMIT_MS} at most.
   * @returns all addresses, at least one
   * @throws UnresolvedHostError
   */
  async resolve(host: string): Promise<LookupAddress[]> {
    // Never asked of DNS (RFC 6761, section 6.3).
    if (/^(?:.+\.)?localhost\.?$/.test(host)) return [{ address: '127.0.0.1', family: 4 }];
    const resolver = this.createResolver();
    const cancelAfter = (ms: number) => setTimeout(() => resolver.cancel(), ms);
    const timers = [cancelAfter(LIMIT_MS)];
    const lookUp = async (lookup: Promise<string[]>) => {
      const addresses = await lookup;
      timers.push(cancelAfter(OTHER_FAMILY_MS)); // some name servers drop the queries for one family
      return addresses;
    };
    const results = await Promise.allSettled([
      lookUp(resolver.resolve4(host)),
      lookUp(resolver.resolve6(host)),
    ]);
    for (const timer of timers) clearTimeout(timer);
    const addresses = results.flatMap((result, index) =>
      result.status === 'fulfilled'
        ? result.value.map((address) => ({ address, family: index === 0 ? 4 : 6 }))
        : [],
    );
    if (addresses.length === 0) throw new UnresolvedHostError(`No address of ${host} was found`);
    return addresses;
  }

  /** Each lookup has its own, so that it is canceled alone. */
  protected createResolver(): Resolver {
    return new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  }
}
