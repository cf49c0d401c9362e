import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

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
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createIndices('orders', NEW_INDEXES);
    await queryRunner.dropIndex('orders', OLD_INDEX);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createIndex('orders', OLD_INDEX);
    await queryRunner.dropIndices('orders', NEW_INDEXES);
  }
}
