import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';
import {
  createIndexConcurrently,
  dropIndexConcurrently,
} from '../src/database/postgres/concurrent-indexes';

const OLD_INDEX = new TableIndex({
  name: 'orders_user_id_id_idx',
  columnNames: ['user_id', 'id'],
});
const NEW_INDEXES = [
  new TableIndex({
    name: 'orders_user_id_created_at_idx',
    columnNames: ['user_id', 'created_at', 'id'],
  }),
  new TableIndex({
    name: 'orders_user_id_status_created_at_idx',
    columnNames: ['user_id', 'status', 'created_at', 'id'],
  }),
  new TableIndex({
    name: 'orders_status_created_at_idx',
    columnNames: ['status', 'created_at', 'id'],
  }),
];

export class AddOrderListIndexes1795305600004 implements MigrationInterface {
  /** Concurrent index builds cannot run in a transaction; orders can be placed meanwhile. */
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const index of NEW_INDEXES) await createIndexConcurrently(queryRunner, 'orders', index);
    await dropIndexConcurrently(queryRunner, 'orders', OLD_INDEX);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await createIndexConcurrently(queryRunner, 'orders', OLD_INDEX);
    for (const index of NEW_INDEXES) await dropIndexConcurrently(queryRunner, 'orders', index);
  }
}
