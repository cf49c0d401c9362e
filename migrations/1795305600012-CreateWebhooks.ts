import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { generatedId, instant, json } from '../src/database/table-columns';

export class CreateWebhooks1795305600012 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'webhook_endpoints',
        columns: [
          generatedId(),
          { name: 'user_id', type: 'bigint' },
          { name: 'scope', type: 'varchar', length: '10' },
          { name: 'url', type: 'varchar', length: '2048' },
          { name: 'event_types', type: 'text', isNullable: true },
          { name: 'description', type: 'text', isNullable: true },
          { name: 'status', type: 'varchar', length: '10' },
          { name: 'disabled_reason', type: 'varchar', length: '30', isNullable: true },
          { name: 'secret', type: 'text' },
          { name: 'secret_key_id', type: 'varchar', length: '16' },
          { name: 'previous_secret', type: 'text', isNullable: true },
          { name: 'previous_secret_key_id', type: 'varchar', length: '16', isNullable: true },
          instant('previous_secret_expires_at', { isNullable: true }),
          { name: 'position', type: 'bigint' },
          { name: 'missed_through', type: 'bigint', isNullable: true },
          { name: 'revision', type: 'integer', default: 0 },
          { name: 'replays', type: 'integer', default: 0 },
          { name: 'failures', type: 'integer', default: 0 },
          instant('failing_since', { isNullable: true }),
          instant('last_success_at', { isNullable: true }),
          instant('not_before', { isNullable: true }),
          { name: 'lease_token', type: 'varchar', length: '36', isNullable: true },
          instant('lease_expires_at', { isNullable: true }),
          instant('turn_ended_at', { isNullable: true }),
          instant('created_at'),
          instant('updated_at'),
        ],
        foreignKeys: [
          {
            name: 'webhook_endpoints_user_id_fkey',
            columnNames: ['user_id'],
            referencedTableName: 'users',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
        indices: [
          { name: 'webhook_endpoints_user_id_idx', columnNames: ['user_id'] },
          {
            name: 'webhook_endpoints_enabled_idx',
            columnNames: ['scope', 'user_id'],
            where: `status = 'enabled'`,
          },
        ],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'webhook_deliveries',
        columns: [
          { name: 'endpoint_id', type: 'bigint', isPrimary: true },
          { name: 'position', type: 'bigint', isPrimary: true },
          { name: 'order_id', type: 'bigint' },
          { name: 'sequence', type: 'integer' },
          { name: 'event_type', type: 'varchar', length: '40' },
          { name: 'status', type: 'varchar', length: '10' },
          { name: 'attempts', type: 'integer' },
          { name: 'retries_left', type: 'integer' },
          { name: 'response_status', type: 'integer', isNullable: true },
          { name: 'failure', type: 'varchar', length: '30', isNullable: true },
          { name: 'duration_ms', type: 'integer', isNullable: true },
          json('earlier_attempts', { isNullable: true }),
          { name: 'replay', type: 'integer' },
          instant('created_at'),
          instant('attempted_at', { isNullable: true }),
          instant('next_attempt_at', { isNullable: true }),
          instant('expires_at', { isNullable: true }),
        ],
        foreignKeys: [
          {
            name: 'webhook_deliveries_endpoint_id_fkey',
            columnNames: ['endpoint_id'],
            referencedTableName: 'webhook_endpoints',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
        indices: [
          {
            name: 'webhook_deliveries_due_idx',
            columnNames: ['endpoint_id', 'next_attempt_at'],
            where: 'next_attempt_at IS NOT NULL',
          },
          {
            name: 'webhook_deliveries_order_idx',
            columnNames: ['endpoint_id', 'order_id', 'sequence'],
            where: 'next_attempt_at IS NOT NULL',
          },
          { name: 'webhook_deliveries_expires_at_idx', columnNames: ['expires_at'] },
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('webhook_deliveries');
    await queryRunner.dropTable('webhook_endpoints');
  }
}
