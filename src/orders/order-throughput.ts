import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { columnsOf, hydrate } from '../database/hydrate';
import { namedQuery } from '../database/named-query';
import { OrderMinute } from './order-minute.entity';

/** How many minutes are read. */
export const THROUGHPUT_MINUTES = 60;

const MINUTE_MS = 60_000;

/** Reads how many orders were completed, and failed, in the last minutes. */
@Injectable()
export class OrderThroughput {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * @param asOf an instant of the database
   * @returns the last minutes, the oldest first; that of `asOf` is the last one, and has not ended
   */
  async read(asOf: Date): Promise<OrderMinute[]> {
    const { manager } = this.dataSource;
    const last = Math.floor(asOf.getTime() / MINUTE_MS) * MINUTE_MS;
    const first = last - (THROUGHPUT_MINUTES - 1) * MINUTE_MS;
    const rows = await namedQuery<object>(
      manager,
      `SELECT ${columnsOf(manager, OrderMinute)} FROM order_minutes
       WHERE minute BETWEEN :first AND :last`,
      { first: new Date(first).toISOString(), last: new Date(last).toISOString() },
    );
    const found = new Map(
      hydrate(manager, OrderMinute, rows).map((row) => [row.minute.getTime(), row]),
    );
    return Array.from({ length: THROUGHPUT_MINUTES }, (_, index) => {
      const begin = first + index * MINUTE_MS;
      return found.get(begin) ?? { minute: new Date(begin), completed: 0, failed: 0 };
    });
  }
}
