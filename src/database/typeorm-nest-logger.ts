import { Logger } from '@nestjs/common';
import { AbstractLogger, type LogLevel, type LogMessage } from 'typeorm';

/** Writes TypeORM's messages to the application's log. */
export class TypeOrmNestLogger extends AbstractLogger {
  private readonly logger = new Logger('TypeORM');

  protected override writeLog(level: LogLevel, messages: LogMessage | LogMessage[]): void {
    for (const { message } of [messages].flat()) {
      if (level === 'warn' || level === 'error') this.logger.warn(message);
      else this.logger.log(message);
    }
  }
}
