import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { databaseTime } from '../database/database-time';
import { deleteInBatches } from '../database/delete-in-batches';
import { columnsOf, hydrate } from '../database/hydrate';
import { namedQuery } from '../database/named-query';
import { Instance } from './instance.entity';

/** An instance that has not reported for longer is gone, in seconds. */
const GONE_AFTER_SECONDS = 60;

/** How many instances are listed, at most. */
const MAX_LISTED = 100;

/** What an instance reports. Its clock may differ from that of the database, so it has no instants. */
export type InstanceReport = Omit<
  Instance,
  'startedAt' | 'lastSeenAt' | 'lastRunAt' | 'nextRunAt'
> & {
  readonly secondsSinceStart: number;
  readonly secondsSinceRun: number | null;
  readonly secondsToNextRun: number | null;
  /** False when the instants of the runs are those of the previous report. */
  readonly areRunsNew: boolean;
};

/** The instances of the server, in the database that they share. */
@Injectable()
export class Instances {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Registers an instance, or renews its registration. */
  async report(report: InstanceReport): Promise<void> {
    const time = (offset?: string) => databaseTime(this.dataSource, offset);
    await namedQuery(
      this.dataSource.manager,
      `INSERT INTO instances (id, version, started_at, last_seen_at, processing, concurrency,
         in_flight, last_run_at, next_run_at)
       VALUES (:id, :version, ${time(':startOffset')}, ${time()}, :processing, :concurrency,
         :inFlight, ${time(':lastRunOffset')}, ${time(':secondsToNextRun')})
       ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at,
         processing = excluded.processing, in_flight = excluded.in_flight,
         ${setIfRunsAreNew('last_run_at')}, ${setIfRunsAreNew('next_run_at')}`,
      {
        ...report,
        startOffset: -report.secondsSinceStart,
        lastRunOffset: report.secondsSinceRun === null ? null : -report.secondsSinceRun,
      },
    );
  }

  /** Those that are not gone, the oldest first. */
  async list(): Promise<Instance[]> {
    const { manager } = this.dataSource;
    const rows = await namedQuery<object>(
      manager,
      `SELECT ${columnsOf(manager, Instance)} FROM instances WHERE NOT (${this.isGone()})
       ORDER BY started_at, id LIMIT :limit`,
      { limit: MAX_LISTED },
    );
    return hydrate(manager, Instance, rows);
  }

  /** Deletes the rows of instances that have ended without a shutdown. */
  async deleteGone(): Promise<void> {
    await deleteInBatches(this.dataSource, Instance, this.isGone());
  }

  async delete(id: string): Promise<void> {
    await this.dataSource.manager.delete(Instance, { id });
  }

  private isGone(): string {
    return `last_seen_at < ${databaseTime(this.dataSource, -GONE_AFTER_SECONDS)}`;
  }
}

function setIfRunsAreNew(column: string): string {
  return `${column} = CASE WHEN :areRunsNew THEN excluded.${column} ELSE instances.${column} END`;
}
