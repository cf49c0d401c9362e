import { Injectable } from '@nestjs/common';
import { normalizeIp } from '@nestjs/throttler';
import { Signer } from '../common/signer';
import { AppConfig } from '../config/app-config';

/** The owner of an IPv6 address owns all that begin with the same bits. */
const IPV6_PREFIX_BITS = 64;

/**
 * Names what is counted without telling who it is: the counters hold no addresses and no e-mail
 * addresses. Instances with the same `JWT_SECRET` have the same names.
 */
@Injectable()
export class SubjectKeys {
  private readonly signer: Signer;

  constructor(config: AppConfig) {
    this.signer = new Signer(config, 'rate-limits');
  }

  /** @param address undefined when the client is gone already */
  ofAddress(address: string | undefined): string {
    return this.of(normalizeIp(address ?? '', IPV6_PREFIX_BITS));
  }

  of(...parts: string[]): string {
    return this.signer.sign(JSON.stringify(parts)).slice(0, 22);
  }
}
