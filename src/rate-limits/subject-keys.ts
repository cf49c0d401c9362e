import { Injectable } from '@nestjs/common';
import { clientNetwork } from '../common/client-network';
import { Signer } from '../common/signer';
import { AppConfig } from '../config/app-config';

/**
 * Derives the keys of counters by HMAC, so that the counters hold no IP or e-mail addresses. Instances
 * with the same `JWT_SECRET` derive the same keys.
 */
@Injectable()
export class SubjectKeys {
  private readonly signer: Signer;

  constructor(config: AppConfig) {
    this.signer = new Signer(config, 'rate-limits');
  }

  /** @param address undefined when the client has disconnected */
  ofAddress(address: string | undefined): string {
    return this.of(clientNetwork(address ?? ''));
  }

  of(...parts: string[]): string {
    return this.signer.sign(JSON.stringify(parts)).slice(0, 22);
  }
}
