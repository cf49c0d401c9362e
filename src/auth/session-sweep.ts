import { Injectable, Logger } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { deleteAndLog } from '../common/delete-and-log';
import { SessionsService } from './sessions.service';

/** Deletes expired sessions every hour, to save space: they are invalid since they expired. */
@Injectable()
export class SessionSweep {
  private readonly logger = new Logger(SessionSweep.name);

  constructor(private readonly sessions: SessionsService) {}

  @Cron(CronExpression.EVERY_HOUR, { name: 'sweep-sessions', waitForCompletion: true })
  tick(): Promise<void> {
    return deleteAndLog(this.logger, 'expired sessions', () => this.sessions.deleteExpired());
  }
}
