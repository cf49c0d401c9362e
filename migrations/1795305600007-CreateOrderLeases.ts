import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { instant } from '../src/database/table-columns';

export class CreateOrderLeases1795305600007 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'order_leases',
        columns: [
          { name: 'token', type: 'varchar', length: '36', isPrimary: true },
          instant('expires_at'),
          instant('begun_at', { isNullable: true }),
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // The previous release reclaims an order by the expiry in its row.
    await queryRunner.query(
      `UPDATE orders SET lease_expires_at = COALESCE(
         (SELECT expires_at FROM order_leases WHERE token = lease_token), updated_at)
       WHERE status = 'processing' AND lease_expires_at IS NULL`,
    );
    await queryRunner.dropTable('order_leases');
  }
}
