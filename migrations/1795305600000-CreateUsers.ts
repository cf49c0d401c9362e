import { type MigrationInterface, type QueryRunner, Table, TableUnique } from 'typeorm';
import { generatedId, instant } from '../src/database/table-columns';

export class CreateUsers1795305600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'users',
        columns: [
          generatedId(),
          { name: 'name', type: 'text' },
          { name: 'email', type: 'text' },
          { name: 'password_hash', type: 'text' },
          { name: 'role', type: 'text' },
          instant('created_at'),
          instant('updated_at'),
        ],
        uniques: [new TableUnique({ name: 'users_email_key', columnNames: ['email'] })],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('users');
  }
}
