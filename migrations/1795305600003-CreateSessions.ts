import { type MigrationInterface, type QueryRunner, Table, TableUnique } from 'typeorm';
import { generatedId, instant } from '../src/database/table-columns';

export class CreateSessions1795305600003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'sessions',
        columns: [
          generatedId(),
          { name: 'key', type: 'varchar', length: '36' },
          { name: 'user_id', type: 'bigint' },
          { name: 'generation', type: 'integer' },
          { name: 'ip_address', type: 'text' },
          { name: 'user_agent', type: 'text', isNullable: true },
          instant('created_at'),
          instant('refreshed_at'),
          instant('expires_at'),
          instant('ends_at'),
        ],
        uniques: [new TableUnique({ name: 'sessions_key_key', columnNames: ['key'] })],
        foreignKeys: [
          {
            name: 'sessions_user_id_fkey',
            columnNames: ['user_id'],
            referencedTableName: 'users',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
        indices: [
          { name: 'sessions_user_id_idx', columnNames: ['user_id'] },
          { name: 'sessions_expires_at_idx', columnNames: ['expires_at'] },
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('sessions');
  }
}
