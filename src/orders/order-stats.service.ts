import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { databaseTime } from '../database/database-time';
import type { OrderStatus } from './order-status';

interface StatusRow {
  readonly status: OrderStatus;
  readonly count: number;
  readonly oldest: string;
  readonly now: string;
}

/** Statistics of the orders of all users. */
export interface OrderStats {
  readonly counts: Readonly<Record<OrderStatus, number>>;
  /** In seconds; null when no order is pending. */
  readonly oldestPendingAge: number | null;
}

/** Counts the orders of all users. The cost grows with their number: not for hot paths. */
@Injectable()
export class OrderStatsService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** One statement, so that all numbers belong to the same moment. */
  async get(): Promise<OrderStats> {
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

/** In seconds, by the clock of the database; 0 when that clock was set back since. */
function ageOf({ oldest, now }: StatusRow): number {
  const milliseconds = new Date(now).getTime() - new Date(oldest).getTime();
  return Math.max(0, Math.floor(milliseconds / 1_000));
}
