/** Executes the SQL of stdin on the file that `DATABASE_PATH` names. */
import { text } from 'node:stream/consumers';
import Database from 'better-sqlite3';

async function execute(): Promise<void> {
  const sql = await text(process.stdin);
  const database = new Database(process.env['DATABASE_PATH']);
  database.exec(`BEGIN IMMEDIATE; ${sql}; COMMIT`);
  database.close();
}

void execute();
