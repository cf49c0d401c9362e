import { isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import { UnresolvedHostError } from '../sending/address-resolver';
import { ReachableAddresses } from '../sending/reachable-addresses';
import { ForbiddenAddressError, WebhookAgents } from '../sending/webhook-agents';
import { hostOf, isEncrypted, parseWebhookUrl } from '../sending/webhook-url';
import { INVALID_URL, WebhookUrlForbiddenError } from '../webhooks.errors';

/**
 * Checks the URL of an endpoint when it is set, so that its owner gets an error. It is checked again at each
 * connection.
 */
@Injectable()
export class Destinations {
  constructor(
    private readonly reachable: ReachableAddresses,
    private readonly agents: WebhookAgents,
  ) {}

  /**
   * A host that DNS does not know yet is accepted.
   * @returns the normalized URL
   * @throws ValidationFailedError, WebhookUrlForbiddenError
   */
  async check(value: string): Promise<string> {
    const url = parseWebhookUrl(value, this.reachable);
    if (url === 'malformed') throw INVALID_URL;
    if (url === 'forbidden') throw new WebhookUrlForbiddenError();
    if (isIP(hostOf(url)) === 0) await this.checkAddresses(url);
    return url.href;
  }

  private async checkAddresses(url: URL): Promise<void> {
    try {
      await this.agents.resolve(hostOf(url), isEncrypted(url));
    } catch (error) {
      if (error instanceof ForbiddenAddressError) throw new WebhookUrlForbiddenError();
      if (!(error instanceof UnresolvedHostError)) throw error;
    }
  }
}
