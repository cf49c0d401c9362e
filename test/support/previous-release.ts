import type { DataSource } from 'typeorm';
import { databaseTime, databaseTimeAfter } from '../../src/database/database-time';

/** The lease of orders that {@link PreviousRelease} has claimed. */
const TOKEN = 'previous release';

/**
 * The statements of an instance of the release before turns and `order_leases`, which runs beside new
 * ones during a deployment. It names neither `turn` nor `runs_alone`.
 */
export class PreviousRelease {
  constructor(private readonly database: DataSource) {}

  async place(userId: number): Promise<number> {
    const now = this.time();
    const [row] = await this.database.query<[{ id: number }]>(
      `INSERT INTO orders (user_id, product_name, amount_minor, status, version, attempts,
                           next_attempt_at, created_at, updated_at)
       VALUES (${userId}, 'Laptop', 99999, 'pending', 1, 0, ${now}, ${now}, ${now}) RETURNING id`,
    );
    await this.database.query(
      `INSERT INTO order_history (order_id, sequence, to_status, actor_type, actor_id, created_at)
       SELECT id, version, status, 'user', user_id, created_at FROM orders WHERE id = ${row.id}`,
    );
    return row.id;
  }

  /** Claims pending orders that are due. */
  claim(limit: number, leaseSeconds = 60): Promise<number[]> {
    const due = `SELECT id FROM orders WHERE status = 'pending' AND next_attempt_at <= ${this.time()}
      ORDER BY next_attempt_at, id LIMIT ${limit}`;
    return this.move(
      `lease_token = '${TOKEN}', lease_expires_at = ${this.time(leaseSeconds)},
       attempts = attempts + 1, next_attempt_at = NULL`,
      ['pending', 'processing'],
      `id IN (${due})`,
    );
  }

  /** Claims orders again whose lease has expired. */
  async reclaim(): Promise<number[]> {
    return this.update(
      `lease_token = '${TOKEN}', lease_expires_at = ${this.time(60)}, attempts = attempts + 1`,
      `status = 'processing' AND lease_expires_at <= ${this.time()}`,
    );
  }

  complete(id: number): Promise<number[]> {
    return this.end(id, 'completed', `completed_at = ${this.movedAt()}`);
  }

  postpone(id: number, delaySeconds: number): Promise<number[]> {
    return this.end(id, 'pending', `next_attempt_at = ${this.time(delaySeconds)}`);
  }

  private end(id: number, status: string, set: string): Promise<number[]> {
    return this.move(
      `lease_token = NULL, lease_expires_at = NULL, ${set}`,
      ['processing', status],
      `id = ${id} AND lease_token = '${TOKEN}'`,
    );
  }

  private async move(
    set: string,
    [from, to]: readonly [string, string],
    where: string,
  ): Promise<number[]> {
    const moved = await this.update(
      `${set}, status = '${to}', version = version + 1, updated_at = ${this.movedAt()}`,
      `status = '${from}' AND ${where}`,
    );
    for (const id of moved) {
      await this.database.query(
        `INSERT INTO order_history (order_id, sequence, from_status, to_status, actor_type, created_at)
         SELECT id, version, '${from}', status, 'system', updated_at FROM orders WHERE id = ${id}`,
      );
    }
    return moved;
  }

  private async update(set: string, where: string): Promise<number[]> {
    const statement = `UPDATE orders SET ${set} WHERE ${where} RETURNING id`;
    const runner = this.database.createQueryRunner();
    try {
      const { records } = await runner.query(statement, [], true);
      return (records as { id: number }[]).map(({ id }) => id);
    } finally {
      await runner.release();
    }
  }

  /** It wrote no instant that is before the last one. */
  private movedAt(): string {
    return databaseTimeAfter(this.database, 'updated_at');
  }

  private time(offsetSeconds = 0): string {
    return databaseTime(this.database, offsetSeconds);
  }
}
