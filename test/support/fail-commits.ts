import type { DataSource } from 'typeorm';
import { isPostgres } from './test-database';

/**
 * Makes the commit of every transaction fail that inserts into the table: a trigger violates a
 * foreign key that is checked at the commit.
 */
export async function failCommitsOf(database: DataSource, table: string): Promise<void> {
  await database.query(
    `CREATE TABLE broken (user_id bigint REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)`,
  );
  const insert = 'INSERT INTO broken VALUES (-1)';
  if (isPostgres()) {
    await database.query(
      `CREATE FUNCTION break_commit() RETURNS trigger LANGUAGE plpgsql
       AS 'BEGIN ${insert}; RETURN NULL; END'`,
    );
    await database.query(
      `CREATE TRIGGER break_commit AFTER INSERT ON ${table} EXECUTE FUNCTION break_commit()`,
    );
  } else {
    await database.query(
      `CREATE TRIGGER break_commit AFTER INSERT ON ${table} BEGIN ${insert}; END`,
    );
  }
}
