import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { generatedId, instant } from '../src/database/table-columns';

export class CreateOrders1795305600001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'orders',
        columns: [
          generatedId(),
          { name: 'user_id', type: 'bigint' },
          { name: 'product_name', type: 'text' },
          { name: 'amount_minor', type: 'bigint' },
          { name: 'status', type: 'text' },
          { name: 'version', type: 'integer' },
          { name: 'attempts', type: 'integer' },
          { name: 'lease_token', type: 'varchar', length: '36', isNullable: true },
          instant('lease_expires_at', { isNullable: true }),
          { name: 'cancel_reason', type: 'text', isNullable: true },
          instant('created_at'),
          instant('updated_at'),
          instant('cancelled_at', { isNullable: true }),
          instant('completed_at', { isNullable: true }),
        ],
        checks: [{ name: 'orders_amount_minor_check', expression: 'amount_minor > 0' }],
        foreignKeys: [
          {
            name: 'orders_user_id_fkey',
            columnNames: ['user_id'],
            referencedTableName: 'users',
            referencedColumnNames: ['id'],
          },
        ],
        indices: [
          { name: 'orders_user_id_id_idx', columnNames: ['user_id', 'id'] },
          { name: 'orders_pending_idx', columnNames: ['id'], where: `status = 'pending'` },
          {
            name: 'orders_leased_idx',
            columnNames: ['lease_expires_at'],
            where: `status = 'processing'`,
          },
        ],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'order_history',
        columns: [
          { name: 'order_id', type: 'bigint', isPrimary: true },
          { name: 'sequence', type: 'integer', isPrimary: true },
          { name: 'from_status', type: 'text', isNullable: true },
          { name: 'to_status', type: 'text' },
          { name: 'actor_type', type: 'text' },
          { name: 'actor_id', type: 'bigint', isNullable: true },
          { name: 'reason', type: 'text', isNullable: true },
          instant('created_at'),
        ],
        foreignKeys: [
          {
            name: 'order_history_order_id_fkey',
            columnNames: ['order_id'],
            referencedTableName: 'orders',
            referencedColumnNames: ['id'],
          },
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('order_history');
    await queryRunner.dropTable('orders');
  }
}
