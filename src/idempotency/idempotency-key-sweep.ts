import { Injectable, Logger } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { deleteAndLog } from '../common/delete-and-log';
import { IdempotencyKeys } from './idempotency-keys';

/** Deletes expired idempotency keys every hour, to save space: they have no effect. */
@Injectable()
export class IdempotencyKeySweep {
  private readonly logger = new Logger(IdempotencyKeySweep.name);

  constructor(private readonly keys: IdempotencyKeys) {}

  @Cron(CronExpression.EVERY_HOUR, { name: 'sweep-idempotency-keys', waitForCompletion: true })
  tick(): Promise<void> {
    return deleteAndLog(this.logger, 'expired idempotency keys', () => this.keys.deleteExpired());
  }
}
