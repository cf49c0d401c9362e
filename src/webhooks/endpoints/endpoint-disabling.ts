import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Measurements } from '../../common/measurements';
import { databaseTime } from '../../database/database-time';
import { executeReturning } from '../../database/returning';
import { type DisabledReason, WebhookEndpoint } from '../webhook-endpoint.entity';

/** Disables endpoints, and reports it: the owner sees the reason, the operator a log line and a count. */
@Injectable()
export class EndpointDisabling {
  private readonly logger = new Logger(EndpointDisabling.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly measurements: Measurements,
  ) {}

  /**
   * Disables endpoints that are not disabled yet. A turn that is running may still store its progress.
   * @param condition SQL, for `webhook_endpoints`
   * @returns their ids
   */
  async disable(
    reason: DisabledReason,
    condition: string,
    parameters: Readonly<Record<string, unknown>> = {},
  ): Promise<number[]> {
    const { manager } = this.dataSource;
    const update = manager
      .createQueryBuilder()
      .update(WebhookEndpoint)
      .set({
        status: 'disabled',
        disabledReason: reason,
        leaseExpiresAt: null,
        updatedAt: () => databaseTime(this.dataSource),
      })
      .where(`status <> 'disabled' AND ${condition}`, parameters);
    const disabled = await executeReturning(manager, WebhookEndpoint, update);
    for (const { id } of disabled) this.report(id, reason);
    return disabled.map(({ id }) => id);
  }

  /**
   * Disables an enabled endpoint whose secret cannot be decrypted, unless it was replaced meanwhile. A paused one stays
   * paused, also when its secret can be decrypted again.
   */
  disableUnreadable({ id, secret }: WebhookEndpoint): Promise<number[]> {
    const condition = `status = 'enabled' AND id = :id AND secret = :secret`;
    return this.disable('secret_unreadable', condition, { id, secret });
  }

  /** Reports that an endpoint was disabled. */
  report(id: number, reason: DisabledReason): void {
    this.measurements.webhookDisabled(reason);
    this.logger.warn({ msg: 'A webhook was disabled', webhook_id: id, reason });
  }
}
