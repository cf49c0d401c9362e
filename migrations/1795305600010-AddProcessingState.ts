import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { instant } from '../src/database/table-columns';

/** Instances of the previous release go on: they do not know the tables, and are not paused by them. */
export class AddProcessingState1795305600010 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'processing_state',
        columns: [
          { name: 'id', type: 'integer', isPrimary: true },
          { name: 'paused', type: 'boolean' },
          { name: 'changes', type: 'bigint' },
          instant('changed_at'),
        ],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'instances',
        columns: [
          { name: 'id', type: 'varchar', length: '100', isPrimary: true },
          { name: 'version', type: 'varchar', length: '100' },
          instant('started_at'),
          instant('last_seen_at'),
          { name: 'processing', type: 'boolean' },
          { name: 'concurrency', type: 'integer' },
          { name: 'in_flight', type: 'integer' },
          instant('last_run_at', { isNullable: true }),
          instant('next_run_at', { isNullable: true }),
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('instances');
    await queryRunner.dropTable('processing_state');
  }
}
