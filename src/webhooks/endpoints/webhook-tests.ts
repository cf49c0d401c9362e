import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AppConfig } from '../../config/app-config';
import { readDatabaseTime } from '../../database/read-database-time';
import { ServiceUnavailableError } from '../../errors/common.errors';
import { requestWith } from '../delivery/event-request';
import { EndpointSecrets } from '../secrets/endpoint-secrets';
import { type SendResult, WebhookSender } from '../sending/webhook-sender';
import { WebhookSecretUnreadableError } from '../webhooks.errors';
import type { EndpointAccess } from './endpoint-access';
import { WebhookEndpoints } from './webhook-endpoints';

/** Sends test events, which are not part of the log. */
@Injectable()
export class WebhookTests {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly endpoints: WebhookEndpoints,
    private readonly secrets: EndpointSecrets,
    private readonly sender: WebhookSender,
    private readonly config: AppConfig,
  ) {}

  /**
   * Sends a test event, in any status of the endpoint.
   * @param signal aborts the request
   * @throws WebhookNotFoundError, WebhookSecretUnreadableError
   * @throws ServiceUnavailableError while this instance sends no webhooks
   */
  async send(access: EndpointAccess, id: number, signal: AbortSignal): Promise<SendResult> {
    if (!this.config.webhooks.enabled) throw new ServiceUnavailableError();
    const endpoint = await this.endpoints.get(access, id);
    const now = Date.parse(await readDatabaseTime(this.dataSource.manager));
    const secrets = this.secrets.open(endpoint, now);
    if (!secrets) throw new WebhookSecretUnreadableError();
    const event = {
      id: `test_${randomUUID()}`,
      type: 'webhook.test',
      timestamp: new Date(now).toISOString(),
      data: { webhook_id: id },
    };
    const request = requestWith(event, endpoint.url, secrets, now);
    const result = await this.sender.send(request, signal);
    if (!result) throw new ServiceUnavailableError();
    return result;
  }
}
