import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['orders', 'order_history'];

/**
 * `up` adds the columns in SQL, because the Table API copies the whole table on SQLite. Instances of the
 * previous release go on: they leave the columns null. `down` deletes the ids.
 */
export class AddRequestIds1795305600008 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await queryRunner.query(`ALTER TABLE ${table} ADD COLUMN "request_id" varchar(128)`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN "request_id"`);
    }
  }
}
