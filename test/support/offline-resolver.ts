import type { LookupAddress } from 'node:dns';
import { AddressResolver, UnresolvedHostError } from '../../src/webhooks/sending/address-resolver';

/** DNS that knows no host but this one, so that suites need no network. */
export class OfflineResolver extends AddressResolver {
  override resolve(host: string): Promise<LookupAddress[]> {
    return host === 'localhost'
      ? super.resolve(host)
      : Promise.reject(new UnresolvedHostError(`Suites look up no host: ${host}`));
  }
}
