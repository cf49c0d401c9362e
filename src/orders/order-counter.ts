import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { databaseTime } from '../database/database-time';
import type { OrderStats } from './order-stats.dto';
import type { OrderStatus } from './order-status';

/** Instants of raw queries are texts on SQLite. */
interface StatusRow {
  readonly status: OrderStatus;
  readonly count: number;
  readonly oldest: Date | string;
  readonly now: Date | string;
}

/** Counts orders, for admins. The cost grows with their number: not for hot paths. */
@Injectable()
export class OrderCounter {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** One statement, so that all numbers are of the same moment. */
  async count(): Promise<OrderStats> {
    const rows = await this.dataSource.query<StatusRow[]>(
      `SELECT status, COUNT(*) AS count, MIN(created_at) AS oldest,
         ${databaseTime(this.dataSource)} AS now
       FROM orders GROUP BY status`,
    );
    const counts = { pending: 0, processing: 0, completed: 0, cancelled: 0, failed: 0 };
    for (const { status, count } of rows) counts[status] = count;
    const pending = rows.find(({ status }) => status === 'pending');
    return { counts, oldestPendingAge: pending ? ageOf(pending) : null };
  }
}

/** By the clock of the database; 0 for an order from before that clock was set back. */
function ageOf({ oldest, now }: StatusRow): number {
  const milliseconds = new Date(now).getTime() - new Date(oldest).getTime();
  return Math.max(0, Math.floor(milliseconds / 1_000));
}
