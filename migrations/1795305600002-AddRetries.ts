import { type MigrationInterface, type QueryRunner, TableColumn, TableIndex } from 'typeorm';
import { instant } from '../src/database/table-columns';

const DUE_INDEX = new TableIndex({
  name: 'orders_due_idx',
  columnNames: ['next_attempt_at', 'id'],
  where: `status = 'pending'`,
});
const PENDING_INDEX = new TableIndex({
  name: 'orders_pending_idx',
  columnNames: ['id'],
  where: `status = 'pending'`,
});

export class AddRetries1795305600002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropIndex('orders', PENDING_INDEX);
    await queryRunner.addColumns('orders', [
      new TableColumn(instant('next_attempt_at', { isNullable: true })),
      new TableColumn({ name: 'failure_reason', type: 'text', isNullable: true }),
    ]);
    await queryRunner.query(
      `UPDATE orders SET next_attempt_at = created_at WHERE status = 'pending'`,
    );
    await queryRunner.createIndex('orders', DUE_INDEX);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropIndex('orders', DUE_INDEX);
    await queryRunner.dropColumns('orders', ['failure_reason', 'next_attempt_at']);
    await queryRunner.createIndex('orders', PENDING_INDEX);
  }
}
