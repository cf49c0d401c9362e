import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { generatedId, instant } from '../../../src/database/table-columns';

export class CreateStock1795500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'stock_items',
        columns: [
          generatedId(),
          { name: 'product_name', type: 'text' },
          { name: 'available', type: 'integer' },
          instant('updated_at'),
        ],
        uniques: [{ name: 'stock_items_product_name_key', columnNames: ['product_name'] }],
        checks: [{ name: 'stock_items_available_check', expression: 'available >= 0' }],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'stock_reservations',
        columns: [
          { name: 'order_id', type: 'bigint', isPrimary: true },
          { name: 'stock_item_id', type: 'bigint' },
          instant('reserved_at'),
        ],
        foreignKeys: [
          {
            name: 'stock_reservations_order_id_fkey',
            columnNames: ['order_id'],
            referencedTableName: 'orders',
            referencedColumnNames: ['id'],
          },
          {
            name: 'stock_reservations_stock_item_id_fkey',
            columnNames: ['stock_item_id'],
            referencedTableName: 'stock_items',
            referencedColumnNames: ['id'],
          },
        ],
        indices: [{ name: 'stock_reservations_stock_item_id_idx', columnNames: ['stock_item_id'] }],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('stock_reservations');
    await queryRunner.dropTable('stock_items');
  }
}
