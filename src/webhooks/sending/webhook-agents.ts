import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { AddressResolver } from './address-resolver';
import type { ReachableAddresses } from './reachable-addresses';

/** An idle connection is kept for so long, in milliseconds: most servers close it later. */
const IDLE_MS = 4_000;
const MAX_IDLE_PER_HOST = 4;

/**
 * How long a connection to one of several addresses may take before the next address is tried, in milliseconds.
 * Node's default (250) never reaches a distant host.
 */
const TIMEOUT_PER_ADDRESS_MS = 2_000;

/** An address to which webhooks may not be sent. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';

  constructor() {
    super('Webhooks may not be sent to this address');
  }
}

/**
 * Open connections for webhooks, to allowed addresses only. They use no proxies: only Node's global agents read
 * the variables for these.
 */
export class WebhookAgents {
  private readonly kept: readonly [HttpAgent, HttpsAgent];
  private readonly fresh: readonly [HttpAgent, HttpsAgent];

  /** @param tls certificates that are trusted instead of the default ones */
  constructor(
    private readonly reachable: ReachableAddresses,
    private readonly resolver: AddressResolver,
    tls: Pick<SecureContextOptions, 'ca'> = {},
  ) {
    const create = (keepAlive: boolean): [HttpAgent, HttpsAgent] => {
      const options = {
        keepAlive,
        maxFreeSockets: MAX_IDLE_PER_HOST,
        timeout: IDLE_MS,
        autoSelectFamilyAttemptTimeout: TIMEOUT_PER_ADDRESS_MS,
      };
      return [
        new HttpAgent({ ...options, lookup: this.lookup(false) }),
        new HttpsAgent({ ...options, ...tls, rejectUnauthorized: true, lookup: this.lookup(true) }),
      ];
    };
    this.kept = create(true);
    this.fresh = create(false);
  }

  /** @param isFresh whether the request needs a connection of its own */
  for(isEncrypted: boolean, isFresh: boolean): HttpAgent {
    return (isFresh ? this.fresh : this.kept)[isEncrypted ? 1 : 0];
  }

  /**
   * Finds the addresses of a host, all of which must be allowed: a client connects to any of them.
   * @throws ForbiddenAddressError, UnresolvedHostError
   */
  async resolve(
    host: string,
    isEncrypted: boolean,
  ): Promise<Awaited<ReturnType<AddressResolver['resolve']>>> {
    const addresses = await this.resolver.resolve(host);
    const areAllowed = addresses.every(({ address }) =>
      this.reachable.include(address, isEncrypted),
    );
    if (!areAllowed) throw new ForbiddenAddressError();
    return addresses;
  }

  /** Closes all connections. */
  destroy(): void {
    for (const agent of [...this.kept, ...this.fresh]) agent.destroy();
  }

  /** Connections are opened to exactly the addresses that were checked, so DNS cannot change in between. */
  private lookup(isEncrypted: boolean): LookupFunction {
    return (host, { all }, callback) => {
      void this.lookUp(host, isEncrypted).then(({ error, addresses }) => {
        const [first] = addresses;
        // eslint-disable-next-line promise/no-callback-in-promise -- net expects a callback
        callback(error, all ? addresses : (first?.address ?? ''), first?.family);
      });
    };
  }

  /** Never rejects. */
  private async lookUp(host: string, isEncrypted: boolean) {
    try {
      return { error: null, addresses: await this.resolve(host, isEncrypted) };
    } catch (error) {
      return { error: error as NodeJS.ErrnoException, addresses: [] };
    }
  }
}
