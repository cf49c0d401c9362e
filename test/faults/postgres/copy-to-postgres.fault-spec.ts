import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { loadConfig } from '../../../src/config/app-config';
import { createDataSource, dataSourceOptions } from '../../../src/database/data-source';
import { isFileLocked } from '../../../src/database/sqlite/sqlite.errors';
import { ServerFleet } from '../../support/server-fleet';
import { ServerProcess } from '../../support/server-process';
import { waitUntil } from '../../support/wait-until';

/** Each with its primary key. */
const TABLES = {
  users: 'id',
  orders: 'id',
  order_history: 'order_id, sequence',
  order_metadata: 'order_id, key',
  sessions: 'id',
  idempotency_keys: 'user_id, key',
  order_leases: 'token',
  processing_state: 'id',
  log_readers: 'name',
  deleted_events: 'user_id',
  order_counts: 'status',
  order_minutes: 'minute',
  webhook_endpoints: 'id',
  webhook_deliveries: 'endpoint_id, position',
};

const BOOLEANS = ['runs_alone', 'paused'];
const JSON_COLUMNS = ['earlier_attempts'];

const EARLIER_ATTEMPTS = [
  {
    attempted_at: '2026-01-31T11:00:00.000Z',
    response_status: 500,
    failure: 'http_status',
    duration_ms: 42,
  },
  {
    attempted_at: '2026-01-31T11:30:00.000Z',
    response_status: null,
    failure: 'timeout',
    duration_ms: 15_000,
  },
];

/** A row of an instance that was killed. */
const INSERT_INSTANCE = `INSERT INTO instances
  (id, version, started_at, last_seen_at, processing, concurrency, in_flight)
  VALUES ('killed', '2.0.0', '2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.000Z', TRUE, 50, 1)`;

function isLocked(database: Database): boolean {
  try {
    database.prepare('SELECT 1 FROM sqlite_master').all();
    return false;
  } catch (error) {
    if (isFileLocked(error)) return true;
    throw error;
  }
}

describe('copy-to-postgres', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });
  const onSqlite = { DATABASE_PATH: 'orders.db', DATABASE_URL: '' };

  const cli = async (args: readonly string[], environment: Record<string, string> = {}) => {
    const { code, output } = await fleet.run('cli/main.js', args, environment);
    return {
      code,
      output: output.filter(
        (line) => !/^(Migrations run|Building|Dropping|No migration|Copying)/.test(line),
      ),
    };
  };
  const copy = () => cli(['copy-to-postgres', '--from', 'orders.db']);

  const startOnSqlite = () => ServerProcess.start(fleet.folder, { ...onSqlite, LOG_FILE: '' });

  /** Creates an SQLite file with one account. */
  const writeSource = async () => {
    const server = await startOnSqlite();
    await server.api.signUp();
    await server.stop();
  };

  const rowsOf = (database: DataSource) =>
    Promise.all(
      Object.entries(TABLES).map(async ([table, key]) => {
        const rows = await database.query<Record<string, unknown>[]>(
          `SELECT * FROM ${table} ORDER BY ${key}`,
        );
        for (const row of rows) {
          for (const name of BOOLEANS) if (name in row) row[name] = Boolean(row[name]);
          for (const name of JSON_COLUMNS) {
            if (typeof row[name] === 'string') row[name] = JSON.parse(row[name]) as unknown;
          }
        }
        return rows;
      }),
    );

  /** Executes statements on the SQLite file. */
  const change = (...statements: string[]) => {
    const database = new Database(join(fleet.folder, 'orders.db'));
    for (const statement of statements) database.exec(statement);
    database.close();
  };

  const countUsers = () =>
    fleet.inspect(async (database) => {
      const rows = await database.query<unknown[]>('SELECT id FROM users LIMIT 1');
      return rows.length;
    });

  it('copies every row of a stopped server, which then goes on with PostgreSQL', async () => {
    const server = await startOnSqlite();
    const user = await server.api.signUp();
    const { id } = await user.placeOrder({ product_name: 'Café 😀 "\\{}, null', amount: 0.1 });
    const metadata = { a: 'Café 😀 "\\{}, null', __: '' };
    const noted = await user.placeOrder({
      product_name: 'x',
      amount: 1,
      reference: 'A-1',
      metadata,
    });
    const keyed = (api: typeof user | ReturnType<typeof user.withToken>) =>
      api.post('/orders', { product_name: 'Phone', amount: 5 }).set('Idempotency-Key', 'key-1');
    const first = await keyed(user).expect(201);
    expect(await cli(['seed', '--users', '5', '--orders', '3000'], onSqlite)).toMatchObject({
      code: 0,
    });
    expect(await copy()).toEqual({
      code: 1,
      output: [
        'A server is running on orders.db. ' +
          'What it writes after the copy would be lost, so stop it first.',
      ],
    });
    await server.stop();
    change(
      `INSERT INTO processing_state VALUES (1, TRUE, 3, '2026-01-31T12:00:00.000Z')`,
      INSERT_INSTANCE,
      'INSERT INTO deleted_events VALUES (1, 7)',
      `INSERT INTO order_minutes VALUES ('2026-01-31T12:00:00.000Z', 3, 1)`,
      `INSERT INTO webhook_endpoints (user_id, scope, url, event_types, status, secret, secret_key_id,
         position, created_at, updated_at)
       VALUES (1, 'own', 'https://example.com/', 'order.failed,order.created', 'paused', 'AA==', 'a', 5,
         '2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.000Z')`,
      `INSERT INTO webhook_deliveries (endpoint_id, position, order_id, sequence, event_type, status,
         attempts, retries_left, replay, created_at, next_attempt_at, earlier_attempts)
       VALUES (1, 5, 1, 1, 'order.created', 'retrying', 1, 8, 0, '2026-01-31T12:00:00.000Z',
         '2026-01-31T12:00:05.000Z', '${JSON.stringify(EARLIER_ATTEMPTS)}'),
         (1, 6, 1, 2, 'order.processing', 'waiting', 0, 9, 0, '2026-01-31T12:00:00.000Z',
         '2026-01-31T12:00:05.000Z', NULL)`,
    );
    expect(await fleet.run('database/migrations-cli.js', ['run'])).toMatchObject({ code: 0 });
    await fleet.inspect((database) => database.query(INSERT_INSTANCE)); // of a server that ran there once

    const copied = await copy();
    expect(copied).toMatchObject({ code: 0 });
    expect(copied.output.join('\n')).not.toContain('instances');
    expect(copied.output).toContainEqual(
      expect.stringMatching(/^orders: 3003 rows, digest [0-9a-f]{32}$/),
    );
    const { target } = loadConfig({ DATABASE_PATH: join(fleet.folder, 'orders.db') }).database;
    const source = await createDataSource(dataSourceOptions(target)).initialize();
    const expected = await rowsOf(source);
    await source.destroy();
    expect(expected[1]!).toHaveLength(3_003);
    expect(await fleet.inspect(rowsOf)).toEqual(expected);
    expect(await cli(['verify'])).toMatchObject({ code: 0 });

    const { api } = await fleet.start();
    const again = api.withToken(user.token!);
    expect((await again.order(id)).product_name).toBe('Café 😀 "\\{}, null');
    expect((await keyed(again).expect(201)).body).toEqual(first.body);
    expect(await again.order(noted.id)).toEqual(noted);
    const { data } = (await again.get('/orders?metadata[__]=&reference=A-1').expect(200)).body;
    expect(data).toEqual([noted]);
    expect((await again.placeOrder()).id).toBe(3_004);
    expect((await api.signUp()).userId).toBe(7);
  });

  it('writes nothing to a database with rows, or when it is interrupted, and can be repeated', async () => {
    await writeSource();
    expect(await cli(['seed', '--orders', '5000'], onSqlite)).toMatchObject({ code: 0 });
    const interrupted = fleet.spawn('cli/main.js', ['copy-to-postgres', '--from', 'orders.db']);
    await interrupted.hasPrinted('Copying and comparing rows:');
    interrupted.kill('SIGINT');
    expect(await interrupted.exit).toEqual({ code: 130, signal: null });
    expect(interrupted.output.at(-1)).toBe(
      'Interrupted by SIGINT. No rows were written to PostgreSQL; the tables were created. ' +
        'The command can be repeated.',
    );
    expect(await countUsers()).toBe(0);
    expect(await copy()).toMatchObject({ code: 0 });
    const { code, output } = await copy();
    expect({ code, output }).toEqual({
      code: 1,
      output: [
        expect.stringMatching(/^The table \w+ in PostgreSQL has rows: copy to an empty database$/),
      ],
    });
  });

  it('rolls back a copy that differs, and leaves the schema of a database with rows', async () => {
    expect(await fleet.run('database/migrations-cli.js', ['run'])).toMatchObject({ code: 0 });
    await writeSource();
    await fleet.inspect(async (database) => {
      await database.query(
        `CREATE FUNCTION rename_user() RETURNS trigger LANGUAGE plpgsql
         AS $$ BEGIN NEW.name = NEW.name || '.'; RETURN NEW; END $$`,
      );
      await database.query(
        `CREATE TRIGGER rename_user BEFORE INSERT ON users
         FOR EACH ROW EXECUTE FUNCTION rename_user()`,
      );
    });
    expect(await copy()).toEqual({
      code: 1,
      output: [
        'The copy of users differs. No rows were written to PostgreSQL; the tables were created. ' +
          'The command can be repeated.',
      ],
    });
    expect(await countUsers()).toBe(0);

    expect(await fleet.run('database/migrations-cli.js', ['revert'])).toMatchObject({ code: 0 });
    await fleet.inspect((database) =>
      database.query(
        `INSERT INTO users (name, email, password_hash, role, created_at, updated_at)
         VALUES ('Ada', 'ada@example.com', '', 'customer', now(), now())`,
      ),
    );
    expect(await copy()).toEqual({
      code: 1,
      output: ['The table users in PostgreSQL has rows: copy to an empty database'],
    });
    expect(await fleet.run('database/migrations-cli.js', ['show'])).toMatchObject({ code: 3 });
  });

  it('names the table and the rows that PostgreSQL rejects, and numbers that it cannot copy', async () => {
    await writeSource();
    expect(await cli(['seed', '--orders', '2500'], onSqlite)).toMatchObject({ code: 0 });
    const rejected = (rows: string, reason: string) => ({
      code: 1,
      output: [
        expect.stringMatching(
          new RegExp(
            `^PostgreSQL has rejected rows of ${rows}: .*${reason}.*\\. No rows were written to PostgreSQL; ` +
              'the tables were created\\. The command can be repeated\\.$',
          ),
        ),
      ],
    });
    change(`UPDATE orders SET product_name = 'a' || char(0) || 'b' WHERE id = 1234`);
    expect(await copy()).toEqual(
      rejected('orders, among those from id 1001 to id 2000', 'invalid byte sequence'),
    );
    change(
      `UPDATE orders SET product_name = 'Laptop' WHERE id = 1234`,
      `UPDATE order_history SET reason = 'a' || char(0) WHERE order_id = 1 AND sequence = 1`,
    );
    expect(await copy()).toEqual(
      rejected(
        'order_history, among those from order_id 1, sequence 1 to order_id \\d+, sequence \\d+',
        'invalid byte sequence',
      ),
    );
    change(
      'UPDATE order_history SET reason = NULL WHERE order_id = 1',
      'UPDATE orders SET amount_minor = 9007199254740993 WHERE id = 42',
    );
    expect(await copy()).toEqual({
      code: 1,
      output: [
        'orders.amount_minor is 9007199254740993 in the row with id 42: ' +
          'only integers between -2^53 and 2^53 can be copied',
      ],
    });
    expect(await countUsers()).toBe(0);
    change('UPDATE orders SET amount_minor = 9007199254740991 WHERE id = 42');
    expect(await copy()).toMatchObject({ code: 0 });
  });

  it('names no row when PostgreSQL ends the connection', async () => {
    expect(await fleet.run('database/migrations-cli.js', ['run'])).toMatchObject({ code: 0 });
    await writeSource();
    await fleet.inspect(async (database) => {
      await database.query(
        `CREATE FUNCTION end_connection() RETURNS trigger LANGUAGE plpgsql
         AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$`,
      );
      await database.query(
        `CREATE TRIGGER end_connection BEFORE INSERT ON users
         FOR EACH ROW EXECUTE FUNCTION end_connection()`,
      );
    });
    expect(await copy()).toEqual({
      code: 1,
      output: [
        'The copy of users failed: terminating connection due to administrator command. ' +
          'No rows were written to PostgreSQL; the tables were created. The command can be repeated.',
      ],
    });
    expect(await countUsers()).toBe(0);
  });

  it('names positions in a table without a primary key', async () => {
    expect(await fleet.run('database/migrations-cli.js', ['run'])).toMatchObject({ code: 0 });
    await writeSource();
    change(
      'CREATE TABLE words (word text)',
      `WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 1500)
       INSERT INTO words SELECT CASE n WHEN 1400 THEN 'a' || char(0) ELSE 'a' END FROM series`,
    );
    await fleet.inspect((database) => database.query('CREATE TABLE words (word text)'));
    const { code, output } = await copy();
    expect(code).toBe(1);
    expect(output.join()).toMatch(
      /^PostgreSQL has rejected rows of words, among those from position 1001 to position 1500: /,
    );
  });

  it('ends at a signal while another program has locked the file, which blocks its thread', async () => {
    await writeSource();
    const file = join(fleet.folder, 'orders.db');
    const other = new Database(file);
    const serverLock = new Database(`${file}.lock`, { timeout: 0 });
    try {
      other.exec('BEGIN IMMEDIATE');
      const command = fleet.spawn('cli/main.js', ['copy-to-postgres', '--from', 'orders.db']);
      // The last step before the command waits for the file.
      await waitUntil(() => isLocked(serverLock), { deadlineMs: 30_000 });
      await waitUntil(() => {
        command.kill('SIGINT');
        return command.hasExited;
      });
      expect(await command.exit).toEqual({ code: null, signal: 'SIGINT' });
    } finally {
      serverLock.close();
      other.close();
    }
  });

  it('goes on with the ids of tables of other modules, also without AUTOINCREMENT', async () => {
    expect(await fleet.run('database/migrations-cli.js', ['run'])).toMatchObject({ code: 0 });
    await writeSource();
    const database = new Database(join(fleet.folder, 'orders.db'));
    database.exec('CREATE TABLE notes (note_id INTEGER PRIMARY KEY, body text NOT NULL)');
    database.exec(`INSERT INTO notes VALUES (3, 'first'), (7, 'second')`);
    database.exec('CREATE TABLE empty_notes (id INTEGER PRIMARY KEY)');
    database.close();
    await fleet.inspect(async (target) => {
      await target.query('CREATE TABLE notes (note_id bigserial PRIMARY KEY, body text NOT NULL)');
      await target.query(
        'CREATE TABLE empty_notes (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)',
      );
    });
    expect(await copy()).toMatchObject({ code: 0 });
    const ids = await fleet.inspect(async (target) => [
      await target.query(`INSERT INTO notes (body) VALUES ('third') RETURNING note_id`),
      await target.query('INSERT INTO empty_notes DEFAULT VALUES RETURNING id'),
    ]);
    expect(ids).toEqual([[{ note_id: 8 }], [{ id: 1 }]]);
  });

  it('is complete when PostgreSQL cannot compute statistics, and warns', async () => {
    expect(await fleet.run('database/migrations-cli.js', ['run'])).toMatchObject({ code: 0 });
    await writeSource();
    await fleet.inspect(async (database) => {
      // ANALYZE evaluates the expressions of indexes.
      await database.query(
        `CREATE FUNCTION fail_in_analyze(id bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
         BEGIN
           IF current_query() LIKE 'ANALYZE%' THEN RAISE 'no statistics today'; END IF;
           RETURN id;
         END $$`,
      );
      await database.query('CREATE INDEX ON users (fail_in_analyze(id))');
    });
    const { code, output } = await copy();
    expect(code).toBe(0);
    expect(output).toContainEqual(expect.stringMatching(/^users: 1 rows, digest /));
    expect(output).toContain('The copy is complete, but ANALYZE failed: no statistics today');
    expect(await countUsers()).toBe(1);
  });

  it('rejects a missing file, another file, another schema, and a missing DATABASE_URL', async () => {
    const missing = 'There is no SQLite file orders.db (--from)';
    expect(await copy()).toEqual({ code: 1, output: [missing] });
    await writeFile(
      join(fleet.folder, 'orders.db'),
      'not a database, but long enough to be read as one',
    );
    expect(await copy()).toEqual({
      code: 1,
      output: ['orders.db is not a database of this server: file is not a database'],
    });
    await rm(join(fleet.folder, 'orders.db'));
    expect(await fleet.run('database/migrations-cli.js', ['run'], onSqlite)).toMatchObject({
      code: 0,
    });
    expect(await fleet.run('database/migrations-cli.js', ['revert'], onSqlite)).toMatchObject({
      code: 0,
    });
    expect(await copy()).toMatchObject({
      code: 1,
      output: [expect.stringMatching(/one of them only: [A-Za-z]+\d+$/)],
    });
    expect(await cli(['copy-to-postgres', '--from', 'orders.db'], onSqlite)).toEqual({
      code: 2,
      output: ['DATABASE_URL is not set: it names the database of the copy'],
    });
    expect(await cli(['copy-to-postgres'])).toMatchObject({ code: 2 });
  });
});
