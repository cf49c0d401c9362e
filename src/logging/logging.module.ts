import { setTimeout as delay } from 'node:timers/promises';
import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Log } from './logger';

/** How long the shutdown waits for a reader of the log that is slow, in milliseconds. */
const MAX_DRAIN_MS = 2_000;

/** Waits at the end of the shutdown until the lines of the log are written. */
class LogDrain implements OnApplicationShutdown {
  constructor(private readonly log: Pick<Log, 'drain'>) {}

  /** Lines after the limit can be lost, or come after the line that tells the end of the process. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.race([this.log.drain(), delay(MAX_DRAIN_MS, undefined, { ref: false })]);
  }
}

/** Nest calls the hooks of global modules last, in the reverse order of their import: this one comes first. */
@Module({})
export class LoggingModule {
  static forRoot(log: Pick<Log, 'drain'>): DynamicModule {
    return {
      module: LoggingModule,
      global: true,
      providers: [{ provide: LogDrain, useValue: new LogDrain(log) }],
    };
  }
}
