import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { instant } from '../../../src/database/table-columns';

export class CreateRefunds1795600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'refunds',
        columns: [
          { name: 'order_id', type: 'bigint', isPrimary: true },
          { name: 'iban', type: 'text' },
          instant('requested_at'),
        ],
        foreignKeys: [
          {
            name: 'refunds_order_id_fkey',
            columnNames: ['order_id'],
            referencedTableName: 'orders',
            referencedColumnNames: ['id'],
          },
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('refunds');
  }
}
