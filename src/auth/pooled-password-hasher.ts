import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { Measurements } from '../common/measurements';
import { AppConfig } from '../config/app-config';
import { SubjectKeys } from '../rate-limits/subject-keys';
import type { HashTask, MatchTask } from './bcrypt.worker';
import { type HashCaller, HashQueue } from './hash-queue';
import { PasswordHasher } from './password-hasher';

const THREADS = availableParallelism();

/** In milliseconds. A thread takes 10 to 14 MB, and 40 ms to start, a sixth of a login. */
const IDLE_TIMEOUT_MS = 60_000;

/** Runs bcrypt in a pool of threads, so that logins do not block other requests. */
@Injectable()
export class PooledPasswordHasher extends PasswordHasher implements OnApplicationShutdown {
  private readonly pool = new Piscina<HashTask | MatchTask, string | boolean>({
    filename: join(__dirname, 'bcrypt.worker.js'),
    minThreads: 0,
    maxThreads: THREADS,
    idleTimeout: IDLE_TIMEOUT_MS,
    // On busy cores the event loop has priority.
    niceIncrement: 5,
  });

  /** In front of the pool, whose own queue does not distinguish callers. */
  private readonly queue = new HashQueue(THREADS);

  constructor(
    private readonly config: AppConfig,
    private readonly keys: SubjectKeys,
    measurements: Measurements,
  ) {
    super();
    measurements.provide('password_hash_queue', () => this.queue.waiting);
    // A thread that fails between two tasks is replaced. Without a listener, the error would end
    // the process.
    const logger = new Logger(PooledPasswordHasher.name);
    this.pool.on('error', (error) => logger.error({ msg: 'A password thread failed', err: error }));
  }

  async hash(password: string, caller: HashCaller): Promise<string> {
    const task: HashTask = { password, cost: this.config.auth.bcryptCost };
    return (await this.run(task, 'hash', caller)) as string;
  }

  async matches(password: string, expectedHash: string, caller: HashCaller): Promise<boolean> {
    const task: MatchTask = { password, expectedHash };
    return (await this.run(task, 'matches', caller)) as boolean;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.destroy();
  }

  private run(
    task: HashTask | MatchTask,
    name: string,
    caller: HashCaller,
  ): Promise<string | boolean> {
    const address = this.keys.ofAddress(caller.address); // one key for a whole IPv6 network
    return this.queue.run({ ...caller, address }, () => this.pool.run(task, { name }));
  }
}
