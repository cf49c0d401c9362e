import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { loadConfig } from '../../src/config/app-config';
import { createDataSource, dataSourceOptions } from '../../src/database/data-source';
import type { ApiClient, SignedUp } from './api-client';
import { type ServerOptions, ServerProcess, createFolder } from './server-process';
import { type TestDatabase, createTestDatabase } from './test-database';

const FAULT_SERVER = join(__dirname, '..', 'faults', 'fault-server.js');

/** The servers of one test, on one database of their own. */
export class ServerFleet {
  private readonly starts: Promise<ServerProcess>[] = [];
  private readonly started: ServerProcess[] = [];

  private constructor(
    private readonly database: TestDatabase,
    private readonly folder: Awaited<ReturnType<typeof createFolder>>,
    private readonly environment: Record<string, string>,
  ) {}

  /** @param environment of every server; they look for due orders every second */
  static async create(environment: Record<string, string> = {}): Promise<ServerFleet> {
    return new ServerFleet(await createTestDatabase(), await createFolder(), {
      PROCESSING_CRON: '* * * * * *',
      LOG_FILE: '',
      ...environment,
    });
  }

  get running(): ServerProcess[] {
    return this.started.filter((server) => !server.process.hasExited);
  }

  /** The URL of the database, on PostgreSQL. */
  get databaseUrl(): URL {
    return new URL(this.database.environment['DATABASE_URL']!);
  }

  /** What all servers that ever ran have printed. */
  get output(): string[] {
    return this.started.flatMap(({ process }) => process.output);
  }

  async start(
    environment: Record<string, string> = {},
    options?: ServerOptions,
  ): Promise<ServerProcess> {
    const start = ServerProcess.start(
      this.folder.path,
      { ...this.database.environment, ...this.environment, ...environment },
      options,
    );
    this.starts.push(start);
    const server = await start;
    this.started.push(server);
    return server;
  }

  /**
   * Looks at the database from outside. The connection is not kept: on SQLite it would spare a
   * server that was killed the recovery that it should be tested on.
   */
  async inspect<T>(look: (database: DataSource) => Promise<T>): Promise<T> {
    const { target } = loadConfig(this.database.environment).database;
    const database = await createDataSource(dataSourceOptions(target)).initialize();
    try {
      return await look(database);
    } finally {
      await database.destroy();
    }
  }

  /** Starts a server whose orders do what their product is called; see `fault-server.js`. */
  startFaulty(environment: Record<string, string> = {}): Promise<ServerProcess> {
    return this.start(environment, { script: FAULT_SERVER });
  }

  /** Signs up as an admin. */
  async signUpAdmin(api: ApiClient): Promise<SignedUp> {
    const admin = await api.signUp();
    await this.inspect((database) =>
      database.query(`UPDATE users SET role = 'admin' WHERE id = ${admin.userId}`),
    );
    return admin;
  }

  /** Kills what still runs, even what is stopped, and drops the database. */
  async dispose(): Promise<void> {
    await Promise.allSettled(this.starts); // one that is still starting must not outlive the test
    await Promise.all(this.started.map((server) => server.stop('SIGKILL')));
    await this.database.drop();
    await this.folder.remove();
  }
}
