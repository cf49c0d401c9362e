import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { Cron, SchedulerRegistry } from '@nestjs/schedule';
import { CONFIGURED_JOB, setConfiguredTimes } from '../common/cron-jobs';
import { deleteAndLog } from '../common/delete-and-log';
import { Measurements } from '../common/measurements';
import { AppConfig } from '../config/app-config';
import { DEFAULT_BACKUP_CRON } from '../config/environment';
import { backUpSqlite } from '../database/sqlite/backup';
import { BackupFolder } from './backup-folder';

const JOB_NAME = 'back-up';

/**
 * The process of a backup that takes longer is killed. File operations of the server cannot be ended: while a
 * disk does not respond to one, no other backup begins, so that they do not take all threads of Node.js.
 */
const MAX_DURATION_MS = 6 * 3_600_000;

/** How long a shutdown waits until the incomplete copy is removed, in milliseconds. */
const SHUTDOWN_WAIT_MS = 5_000;

/** Backs up the SQLite file at the times of `BACKUP_CRON`, one backup at a time. */
@Injectable()
export class BackupSchedule
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown
{
  private readonly logger = new Logger(BackupSchedule.name);
  private readonly shutdown = new AbortController();
  private running: Promise<void> | undefined;
  private newestAtStart: Date | undefined;

  constructor(
    private readonly folder: BackupFolder,
    private readonly registry: SchedulerRegistry,
    private readonly config: AppConfig,
    private readonly measurements: Measurements,
  ) {}

  /** @throws BackupDirectoryError, which ends the start */
  async onModuleInit(): Promise<void> {
    await this.folder.prepare();
    await this.deleteIncomplete();
    this.newestAtStart = await this.folder.newest(new Date());
    this.measurements.newestBackupIs(this.newestAtStart);
  }

  /** After a backup was missed, because no server was running, it is made at once. */
  onApplicationBootstrap(): void {
    const times = setConfiguredTimes(this.registry, JOB_NAME, this.config.backups.cron);
    if (!this.newestAtStart) return;
    const due = times.getNextDateFrom(this.newestAtStart).toMillis();
    if (due <= Date.now()) void this.handleTick();
  }

  /** Never rejects. After a backup that fails, for example on a full disk, the next tick tries again. */
  @Cron(DEFAULT_BACKUP_CRON, { name: JOB_NAME, ...CONFIGURED_JOB })
  async handleTick(): Promise<void> {
    if (this.shutdown.signal.aborted) return;
    if (this.running) {
      this.logger.warn('Skipped a backup: the previous one has not finished');
      return;
    }
    this.running = this.backUp(new Date()).finally(() => (this.running = undefined));
    await this.running;
  }

  /** Ends a running backup as soon as the shutdown begins. */
  onModuleDestroy(): void {
    this.shutdown.abort();
  }

  /** Waits until the incomplete copy is removed. */
  async beforeApplicationShutdown(): Promise<void> {
    const ended = this.running?.then(() => true) ?? true;
    const expired = delay(SHUTDOWN_WAIT_MS, false, { ref: false });
    if (!(await Promise.race([ended, expired]))) {
      this.logger.warn('The backup has not ended; the next start deletes its incomplete copy');
    }
  }

  private async backUp(at: Date): Promise<void> {
    const startedAt = performance.now();
    const file = this.folder.pathOf(at);
    const signal = AbortSignal.any([this.shutdown.signal, AbortSignal.timeout(MAX_DURATION_MS)]);
    await this.deleteIncomplete(); // makes room
    try {
      const onWarning = (err: Error) =>
        this.logger.warn({ msg: 'Could not clean up after a backup, or sync its directory', err });
      await backUpSqlite(this.folder.database, file, { signal, onWarning });
    } catch (error) {
      if (this.shutdown.signal.aborted) this.logger.log('The shutdown has ended the backup');
      else this.logger.error({ msg: 'The backup failed; the next tick tries again', err: error });
      return;
    }
    this.measurements.newestBackupIs(at);
    const duration = Math.round(performance.now() - startedAt);
    this.logger.log({ msg: 'Backed up the SQLite file', file, duration_ms: duration });
    await deleteAndLog(this.logger, 'old backups', () => this.folder.deleteOld(at));
  }

  private deleteIncomplete(): Promise<void> {
    return deleteAndLog(this.logger, 'incomplete backups', () => this.folder.deleteIncomplete());
  }
}
