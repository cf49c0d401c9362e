import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { instant } from '../src/database/table-columns';

export class CreateIdempotencyKeys1795305600005 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'idempotency_keys',
        columns: [
          { name: 'user_id', type: 'bigint', isPrimary: true },
          { name: 'route', type: 'text', isPrimary: true },
          { name: 'key', type: 'text', isPrimary: true },
          { name: 'fingerprint', type: 'text' },
          { name: 'status', type: 'integer' },
          { name: 'location', type: 'text' },
          { name: 'etag', type: 'text' },
          { name: 'body', type: 'text' },
          instant('created_at'),
        ],
        foreignKeys: [
          {
            name: 'idempotency_keys_user_id_fkey',
            columnNames: ['user_id'],
            referencedTableName: 'users',
            referencedColumnNames: ['id'],
          },
        ],
        indices: [{ name: 'idempotency_keys_created_at_idx', columnNames: ['created_at'] }],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('idempotency_keys');
  }
}
