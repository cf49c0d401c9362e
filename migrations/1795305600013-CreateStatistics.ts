import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { instant } from '../src/database/table-columns';

/**
 * The tables stay empty: the reader of the log starts at position 0 and catches up in the background, and
 * the statistics are counted from the orders until then. So the migration takes no time on any table.
 */
export class CreateStatistics1795305600013 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'order_counts',
        columns: [
          { name: 'status', type: 'varchar', length: '20', isPrimary: true },
          { name: 'orders', type: 'bigint' },
        ],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'order_minutes',
        columns: [
          { ...instant('minute'), isPrimary: true },
          { name: 'completed', type: 'bigint' },
          { name: 'failed', type: 'bigint' },
        ],
      }),
    );
    await queryRunner.query(`INSERT INTO log_readers (name, position) VALUES ('statistics', 0)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DELETE FROM log_readers WHERE name = 'statistics'`);
    await queryRunner.dropTable('order_minutes');
    await queryRunner.dropTable('order_counts');
  }
}
