import { Injectable, Logger } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { IdempotencyKeys } from './idempotency-keys';

/** Deletes expired idempotency keys every hour. That only saves space: they are void by then. */
@Injectable()
export class IdempotencyKeySweep {
  private readonly logger = new Logger(IdempotencyKeySweep.name);

  constructor(private readonly keys: IdempotencyKeys) {}

  /** A sweep that fails, say because the database is away, is left to the next hour. */
  @Cron(CronExpression.EVERY_HOUR, { name: 'sweep-idempotency-keys', waitForCompletion: true })
  async tick(): Promise<void> {
    try {
      const deleted = await this.keys.sweep();
      if (deleted > 0) this.logger.log({ msg: 'Deleted expired idempotency keys', deleted });
    } catch (error) {
      this.logger.error({ msg: 'Could not delete expired idempotency keys', err: error });
    }
  }
}
