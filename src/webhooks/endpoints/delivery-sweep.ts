import { Injectable, Logger } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { deleteAndLog } from '../../common/delete-and-log';
import { WebhookDeliveries } from './webhook-deliveries';

/** Deletes the deliveries every hour that have expired: a week after a success, a month after they were parked. */
@Injectable()
export class DeliverySweep {
  private readonly logger = new Logger(DeliverySweep.name);

  constructor(private readonly deliveries: WebhookDeliveries) {}

  @Cron(CronExpression.EVERY_HOUR, { name: 'sweep-webhook-deliveries', waitForCompletion: true })
  tick(): Promise<void> {
    return deleteAndLog(this.logger, 'expired deliveries of webhooks', () =>
      this.deliveries.deleteExpired(),
    );
  }
}
