import { Logger } from '@nestjs/common';
import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';
import {
  createIndexConcurrently,
  dropIndexConcurrently,
} from '../src/database/postgres/concurrent-indexes';

const UNNUMBERED = new TableIndex({
  name: 'order_history_unnumbered_idx',
  columnNames: ['created_at'],
  where: 'position IS NULL',
});

const INDEXES = [
  new TableIndex({
    name: 'order_history_position_idx',
    columnNames: ['position'],
    isUnique: true,
  }),
  new TableIndex({
    name: 'order_history_user_id_position_idx',
    columnNames: ['user_id', 'position'],
  }),
];

const READERS = new Table({
  name: 'log_readers',
  columns: [
    { name: 'name', type: 'varchar', length: '40', isPrimary: true },
    { name: 'position', type: 'bigint' },
  ],
});

const DELETED = new Table({
  name: 'deleted_events',
  columns: [
    { name: 'user_id', type: 'bigint', isPrimary: true },
    { name: 'position', type: 'bigint' },
  ],
  indices: [{ name: 'deleted_events_position_idx', columnNames: ['position'] }],
});

/** Entries of one transaction on PostgreSQL. */
const BATCH_SIZE = 10_000;

const LOG_INTERVAL_MS = 10_000;

const logger = new Logger('Migrations');

/**
 * Every step can be repeated. Instances of the previous release go on: the entries that they write get a
 * position from an instance of this release. `down` deletes all positions.
 */
export class AddPositions1795305600011 implements MigrationInterface {
  /** Concurrent index builds cannot run in a transaction; orders can be placed meanwhile. */
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // In SQL, because the Table API copies the whole table on SQLite. There, all is one transaction.
    for (const column of ['position', 'user_id']) {
      await queryRunner.query(
        isPostgres(queryRunner)
          ? `ALTER TABLE order_history ADD COLUMN IF NOT EXISTS "${column}" bigint`
          : `ALTER TABLE order_history ADD COLUMN "${column}" integer`,
      );
    }
    await queryRunner.createTable(READERS, true);
    await queryRunner.createTable(DELETED, true);
    if (isPostgres(queryRunner)) {
      await createIndexConcurrently(queryRunner, 'order_history', UNNUMBERED);
      await numberInBatches(queryRunner);
    } else {
      await queryRunner.query(numberingSql('order_history', '0'));
      await queryRunner.query(
        `INSERT INTO log_readers (name, position)
         SELECT 'log', COALESCE(MAX(position), 0) FROM order_history`,
      );
      await queryRunner.createIndex('order_history', UNNUMBERED);
    }
    for (const index of INDEXES) {
      await createIndexConcurrently(queryRunner, 'order_history', index);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const index of [...INDEXES, UNNUMBERED]) {
      await dropIndexConcurrently(queryRunner, 'order_history', index);
    }
    await queryRunner.dropTable(DELETED.name, true);
    await queryRunner.dropTable(READERS.name, true);
    const drop = isPostgres(queryRunner) ? 'DROP COLUMN IF EXISTS' : 'DROP COLUMN';
    for (const column of ['position', 'user_id']) {
      await queryRunner.query(`ALTER TABLE order_history ${drop} "${column}"`);
    }
  }
}

/**
 * Numbers entries by time. Those of one order keep their sequence, also when the clock was set back
 * between them: an entry is as late as the latest one of its order before it.
 * @param entries a table expression: all unnumbered entries, or those of each order up to one of them
 * @param position the latest one so far
 */
function numberingSql(entries: string, position: string): string {
  return `UPDATE order_history SET position = ${position} + numbered.number, user_id = orders.user_id
    FROM (
      SELECT order_id, sequence, ROW_NUMBER() OVER (ORDER BY instant, order_id, sequence) AS number
      FROM (
        SELECT order_id, sequence,
          MAX(created_at) OVER (PARTITION BY order_id ORDER BY sequence) AS instant
        FROM ${entries}
      ) AS timed
    ) AS numbered
    JOIN orders ON orders.id = numbered.order_id
    WHERE order_history.order_id = numbered.order_id
      AND order_history.sequence = numbered.sequence`;
}

/** Each batch is committed with its position, so a migration that is repeated goes on where it was. */
async function numberInBatches(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(
    `INSERT INTO log_readers (name, position) VALUES ('log', 0) ON CONFLICT (name) DO NOTHING`,
  );
  const oldest = `SELECT order_id, sequence, created_at FROM order_history
    WHERE position IS NULL AND created_at >= $1 ORDER BY created_at LIMIT ${BATCH_SIZE}`;
  // With the earlier entries of the same orders, which can have a later instant.
  const batch = `(
    SELECT entry.order_id, entry.sequence, entry.created_at
    FROM (SELECT order_id, MAX(sequence) AS sequence FROM oldest GROUP BY order_id) AS last
    JOIN order_history AS entry ON entry.order_id = last.order_id
      AND entry.sequence <= last.sequence AND entry.position IS NULL) AS batch`;
  const sql = `WITH oldest AS MATERIALIZED (${oldest}),
      numbered AS (${numberingSql(batch, '$2::bigint')} RETURNING position)
    SELECT MAX(position) AS position, (SELECT MAX(created_at) FROM oldest) AS instant,
      (SELECT COUNT(*)::integer FROM oldest) AS found
    FROM numbered`;
  let from = '-infinity';
  let loggedAt = Date.now();
  for (;;) {
    await queryRunner.startTransaction();
    try {
      const [log] = (await queryRunner.query(
        `SELECT position FROM log_readers WHERE name = 'log' FOR UPDATE`,
      )) as { position: number }[];
      const [numbered] = (await queryRunner.query(sql, [from, log?.position])) as {
        position: number | null;
        instant: string;
        found: number;
      }[];
      if (!numbered?.position) {
        await queryRunner.commitTransaction();
        return;
      }
      await queryRunner.query(`UPDATE log_readers SET position = $1 WHERE name = 'log'`, [
        numbered.position,
      ]);
      await queryRunner.commitTransaction();
      // Instances of the previous release go on writing. This release numbers what they have written since.
      if (numbered.found < BATCH_SIZE) return;
      // Not at the first entry: the search would read past all index entries of the batches before.
      from = numbered.instant;
      if (Date.now() - loggedAt >= LOG_INTERVAL_MS) {
        logger.log(`Numbered ${numbered.position} entries of the history`);
        loggedAt = Date.now();
      }
    } catch (error) {
      await queryRunner.rollbackTransaction();
      throw error;
    }
  }
}

function isPostgres({ dataSource }: QueryRunner): boolean {
  return dataSource.options.type === 'postgres';
}
