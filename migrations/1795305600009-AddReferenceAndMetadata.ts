import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';
import {
  createIndexConcurrently,
  dropIndexConcurrently,
} from '../src/database/postgres/concurrent-indexes';
import { instant } from '../src/database/table-columns';

const ORDER_INDEXES = [
  new TableIndex({
    name: 'orders_user_id_reference_idx',
    columnNames: ['user_id', 'reference'],
    isUnique: true,
    where: 'reference IS NOT NULL',
  }),
  new TableIndex({
    name: 'orders_reference_created_at_idx',
    columnNames: ['reference', 'created_at', 'id'],
    where: 'reference IS NOT NULL',
  }),
];

const METADATA_INDEXES = [
  new TableIndex({
    name: 'order_metadata_user_id_key_value_created_at_idx',
    columnNames: ['user_id', 'key', 'value', 'created_at', 'order_id'],
  }),
  new TableIndex({
    name: 'order_metadata_key_value_created_at_idx',
    columnNames: ['key', 'value', 'created_at', 'order_id'],
  }),
];

const METADATA = new Table({
  name: 'order_metadata',
  columns: [
    { name: 'order_id', type: 'bigint', isPrimary: true },
    { name: 'key', type: 'varchar', length: '40', isPrimary: true },
    { name: 'value', type: 'text' },
    { name: 'user_id', type: 'bigint' },
    instant('created_at'),
  ],
  foreignKeys: [
    {
      name: 'order_metadata_order_id_fkey',
      columnNames: ['order_id'],
      referencedTableName: 'orders',
      referencedColumnNames: ['id'],
    },
  ],
});

/**
 * Every step can be repeated. Instances of the previous release go on: the orders that they place have
 * neither a reference nor metadata. `down` deletes all references and metadata.
 */
export class AddReferenceAndMetadata1795305600009 implements MigrationInterface {
  /** Concurrent index builds cannot run in a transaction; orders can be placed meanwhile. */
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // In SQL, because the Table API copies the whole table on SQLite. There, all is one transaction.
    const add = isPostgres(queryRunner) ? 'ADD COLUMN IF NOT EXISTS' : 'ADD COLUMN';
    await queryRunner.query(`ALTER TABLE orders ${add} "reference" varchar(100)`);
    await queryRunner.query(
      `ALTER TABLE orders ${add} "metadata_version" integer NOT NULL DEFAULT (0)`,
    );
    await queryRunner.createTable(METADATA, true);
    for (const index of METADATA_INDEXES) {
      await createIndexConcurrently(queryRunner, METADATA.name, index);
    }
    for (const index of ORDER_INDEXES) await createIndexConcurrently(queryRunner, 'orders', index);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const index of ORDER_INDEXES) await dropIndexConcurrently(queryRunner, 'orders', index);
    await queryRunner.dropTable(METADATA.name, true);
    const drop = isPostgres(queryRunner) ? 'DROP COLUMN IF EXISTS' : 'DROP COLUMN';
    for (const column of ['reference', 'metadata_version']) {
      await queryRunner.query(`ALTER TABLE orders ${drop} "${column}"`);
    }
  }
}

function isPostgres({ dataSource }: QueryRunner): boolean {
  return dataSource.options.type === 'postgres';
}
