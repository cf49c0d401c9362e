import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';
import {
  createIndexConcurrently,
  dropIndexConcurrently,
} from '../src/database/postgres/concurrent-indexes';

const OLD_INDEXES = [
  new TableIndex({
    name: 'orders_due_idx',
    columnNames: ['next_attempt_at', 'id'],
    where: `status = 'pending'`,
  }),
  new TableIndex({
    name: 'orders_leased_idx',
    columnNames: ['lease_expires_at'],
    where: `status = 'processing'`,
  }),
];
const NEW_INDEXES = [
  new TableIndex({
    name: 'orders_turn_idx',
    columnNames: ['turn', 'id'],
    where: `status = 'pending' AND turn IS NOT NULL`,
  }),
  new TableIndex({
    name: 'orders_without_turn_idx',
    columnNames: ['next_attempt_at', 'id'],
    where: `status = 'pending' AND turn IS NULL AND NOT runs_alone`,
  }),
  new TableIndex({
    name: 'orders_alone_idx',
    columnNames: ['next_attempt_at', 'id'],
    where: `status = 'pending' AND runs_alone`,
  }),
];

const CHECK = [
  `CONSTRAINT "orders_queue_check" CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL)`,
  `(status = 'processing') = (lease_token IS NOT NULL)`,
  `(status = 'processing' OR lease_expires_at IS NULL))`,
].join(' AND ');

/**
 * Every step can be repeated. Instances of the previous release can go on: they leave the new columns
 * alone, and the orders that they place get a turn when they are due.
 */
export class AddTurns1795305600006 implements MigrationInterface {
  /** Concurrent index builds cannot run in a transaction; orders can be placed meanwhile. */
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    if (isPostgres(queryRunner)) await addOnPostgres(queryRunner);
    else await addOnSqlite(queryRunner);
    for (const index of NEW_INDEXES) await createIndexConcurrently(queryRunner, 'orders', index);
    for (const index of OLD_INDEXES) await dropIndexConcurrently(queryRunner, 'orders', index);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const index of OLD_INDEXES) await createIndexConcurrently(queryRunner, 'orders', index);
    for (const index of NEW_INDEXES) await dropIndexConcurrently(queryRunner, 'orders', index);
    if (isPostgres(queryRunner)) {
      await queryRunner.query(
        `ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_queue_check,
           DROP COLUMN IF EXISTS turn, DROP COLUMN IF EXISTS runs_alone,
           RESET (autovacuum_vacuum_scale_factor)`,
      );
    } else {
      await queryRunner.dropCheckConstraint('orders', 'orders_queue_check');
      await queryRunner.dropColumns('orders', ['turn', 'runs_alone']);
    }
  }
}

async function addOnPostgres(queryRunner: QueryRunner): Promise<void> {
  // Dead versions of rows are removed at 1 % of the table instead of 20 %, because a search for due
  // orders reads past those of the orders that were claimed before.
  await queryRunner.query(
    `ALTER TABLE orders ADD COLUMN IF NOT EXISTS turn bigint,
       ADD COLUMN IF NOT EXISTS runs_alone boolean NOT NULL DEFAULT false,
       SET (autovacuum_vacuum_scale_factor = 0.01)`,
  );
  // NOT VALID binds new writes at once. Checking the old rows then needs no lock that blocks writes.
  await queryRunner.query(
    `ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_queue_check, ADD ${CHECK} NOT VALID`,
  );
  await makeOrdersMeetCheck(queryRunner);
  await queryRunner.query('ALTER TABLE orders VALIDATE CONSTRAINT orders_queue_check');
}

async function addOnSqlite(queryRunner: QueryRunner): Promise<void> {
  await makeOrdersMeetCheck(queryRunner);
  await queryRunner.query('ALTER TABLE orders ADD COLUMN "turn" integer');
  // A constraint can only be added with a column, unless the whole table is copied.
  await queryRunner.query(
    `ALTER TABLE orders ADD COLUMN "runs_alone" boolean NOT NULL DEFAULT (0) ${CHECK}`,
  );
}

/**
 * The previous release could postpone an order without an instant at which it would be due, and a
 * transition of another module could leave the instant, or a lease, in another status.
 */
async function makeOrdersMeetCheck(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(
    `UPDATE orders SET next_attempt_at = updated_at
     WHERE status = 'pending' AND next_attempt_at IS NULL`,
  );
  await queryRunner.query(
    `UPDATE orders SET next_attempt_at = NULL
     WHERE status <> 'pending' AND next_attempt_at IS NOT NULL`,
  );
  await queryRunner.query(
    `UPDATE orders SET lease_token = NULL, lease_expires_at = NULL WHERE status <> 'processing'
     AND (lease_token IS NOT NULL OR lease_expires_at IS NOT NULL)`,
  );
}

function isPostgres({ dataSource }: QueryRunner): boolean {
  return dataSource.options.type === 'postgres';
}
