import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { ServiceUnavailableError } from '../common/common.errors';
import { AppConfig } from '../config/app-config';
import type { HashTask, MatchTask } from './bcrypt.worker';
import { PasswordHasher } from './password-hasher';

/** Callers that may wait for a thread; the next one is turned away rather than kept waiting. */
const MAX_WAITING = 64;

/** All are there from the start: making one takes longer than most logins. */
const THREADS = availableParallelism();

/** Runs bcrypt in a bounded pool of threads, so that logins do not hold up other requests. */
@Injectable()
export class PooledPasswordHasher extends PasswordHasher implements OnApplicationShutdown {
  private readonly pool = new Piscina<HashTask | MatchTask, string | boolean>({
    filename: join(__dirname, 'bcrypt.worker.js'),
    minThreads: THREADS,
    maxThreads: THREADS,
    // When the cores are busy the event loop goes first.
    niceIncrement: 5,
  });

  constructor(private readonly config: AppConfig) {
    super();
    // Of a thread that broke between two tasks; it is replaced. Unheard, the error would end the process.
    const logger = new Logger(PooledPasswordHasher.name);
    this.pool.on('error', (error) => logger.error({ msg: 'A password thread broke', err: error }));
  }

  async hash(password: string): Promise<string> {
    const task: HashTask = { password, cost: this.config.auth.bcryptCost };
    return (await this.run(task, 'hash')) as string;
  }

  async matches(password: string, expectedHash: string): Promise<boolean> {
    const task: MatchTask = { password, expectedHash };
    return (await this.run(task, 'matches')) as boolean;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.destroy();
  }

  private async run(task: HashTask | MatchTask, name: string): Promise<string | boolean> {
    if (this.pool.queueSize >= MAX_WAITING) throw new ServiceUnavailableError();
    return this.pool.run(task, { name });
  }
}
