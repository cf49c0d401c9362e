import { join } from 'node:path';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { loadConfig } from '../../src/config/app-config';
import { createDataSource, dataSourceOptions } from '../../src/database/data-source';
import type { ApiClient, SignedUp } from './api-client';
import { EVERY_SECOND } from './cron';
import {
  BuildProcess,
  type Exit,
  type ServerOptions,
  ServerProcess,
  createFolder,
} from './server-process';
import { type TestDatabase, createEmptyDatabase } from './test-database';

const FAULT_SERVER = join(__dirname, '..', 'faults', 'fault-server.js');

/** The database and the working folder of a fleet. */
interface Home {
  readonly database: TestDatabase;
  readonly folder: Awaited<ReturnType<typeof createFolder>>;
}

/** The servers of a test, on their own database. */
export class ServerFleet {
  private home?: Home;
  private starts: Promise<ServerProcess>[] = [];
  private started: ServerProcess[] = [];

  private constructor(private readonly environment: Record<string, string>) {}

  /**
   * One fleet for all tests of the enclosing `describe`.
   *
   * @param environment of every server; they look for due orders every second
   */
  static forSuite(environment: Record<string, string> = {}): ServerFleet {
    const fleet = new ServerFleet(environment);
    beforeAll(() => fleet.prepare());
    afterAll(() => fleet.dispose());
    return fleet;
  }

  /**
   * A new fleet for each test of the enclosing `describe`. Jest calls `afterEach` hooks in order: one
   * that needs the servers to run is declared before.
   */
  static forEachTest(environment: Record<string, string> = {}): ServerFleet {
    const fleet = new ServerFleet(environment);
    beforeEach(() => fleet.prepare());
    afterEach(() => fleet.dispose());
    return fleet;
  }

  /** A fleet that the test disposes of itself. */
  static async create(environment: Record<string, string> = {}): Promise<ServerFleet> {
    const fleet = new ServerFleet(environment);
    await fleet.prepare();
    return fleet;
  }

  get running(): ServerProcess[] {
    return this.started.filter((server) => !server.process.hasExited);
  }

  /** The environment variables of the database. */
  get databaseEnvironment(): Record<string, string> {
    return this.prepared.database.environment;
  }

  /** The URL of the database, on PostgreSQL. */
  get databaseUrl(): URL {
    return new URL(this.databaseEnvironment['DATABASE_URL']!);
  }

  /** The folder in which the servers run. */
  get folder(): string {
    return this.prepared.folder.path;
  }

  /** The log file of servers with `LOG_FILE=api.log`. */
  get logFile(): string {
    return join(this.folder, 'api.log');
  }

  /** The output of all servers, including those that have ended. */
  get output(): string[] {
    return this.started.flatMap(({ process }) => process.output);
  }

  async start(
    environment: Record<string, string> = {},
    options?: ServerOptions,
  ): Promise<ServerProcess> {
    const variables = {
      PROCESSING_CRON: EVERY_SECOND,
      LOG_FILE: '',
      ...this.databaseEnvironment,
      ...this.environment,
      ...environment,
    };
    const start = ServerProcess.start(this.folder, variables, options);
    this.starts.push(start);
    const server = await start;
    this.started.push(server);
    return server;
  }

  /** Runs a script of the build on the database until it exits, with only the given environment. */
  async run(
    script: string,
    args: readonly string[],
    environment: Record<string, string> = {},
  ): Promise<{ code: number | null; output: string[] }> {
    const command = this.spawn(script, args, environment);
    const { code } = await command.exit;
    return { code, output: command.output };
  }

  /**
   * Runs a script of the build on the database, and interrupts it soon after it has written a text to stderr.
   */
  async interrupt(
    script: string,
    args: readonly string[],
    { at, signal }: { at: string; signal: 'SIGINT' | 'SIGTERM' },
  ): Promise<{ exit: Exit; output: string[] }> {
    const command = this.spawn(script, args, {
      NODE_OPTIONS: `--require=${join(__dirname, 'interrupt-itself.js')}`,
      INTERRUPT_AT: at,
      INTERRUPT_WITH: signal,
    });
    return { exit: await command.exit, output: command.output };
  }

  /** Starts a script of the build on the database. The test waits for its end. */
  spawn(
    script: string,
    args: readonly string[],
    environment: Record<string, string> = {},
  ): BuildProcess {
    const variables = { ...this.databaseEnvironment, ...environment };
    return new BuildProcess(script, this.folder, variables, args);
  }

  /**
   * Opens a connection to the database, and closes it afterwards: on SQLite an open connection would
   * do the recovery that the server has to do after it was killed.
   */
  async inspect<T>(look: (database: DataSource) => Promise<T>): Promise<T> {
    const { target } = loadConfig(this.databaseEnvironment).database;
    const options = withoutTimeLimits(dataSourceOptions(target));
    const database = await createDataSource(options).initialize();
    try {
      return await look(database);
    } finally {
      await database.destroy();
    }
  }

  /** Starts a server that fails as the product name of an order says; see `fault-server.js`. */
  startFaulty(environment: Record<string, string> = {}): Promise<ServerProcess> {
    return this.start(environment, { script: FAULT_SERVER });
  }

  /** Registers an account, makes it an admin, and logs in as it. */
  async signUpAdmin(api: ApiClient): Promise<SignedUp> {
    const admin = await api.signUp();
    await this.inspect((database) =>
      database.query(`UPDATE users SET role = 'admin' WHERE id = ${admin.userId}`),
    );
    return admin;
  }

  /** Kills the servers that still run, even suspended ones, and drops the database. */
  async dispose(): Promise<void> {
    if (!this.home) return; // its preparation failed, which is the error to report
    await Promise.allSettled(this.starts); // one that is still starting must not outlive the test
    await Promise.all(this.started.map((server) => server.stop('SIGKILL')));
    await this.home.database.drop();
    await this.home.folder.remove();
    this.home = undefined;
  }

  private async prepare(): Promise<void> {
    this.home = { database: await createEmptyDatabase(), folder: await createFolder() };
    [this.starts, this.started] = [[], []];
  }

  private get prepared(): Home {
    if (!this.home) throw new Error('The fleet is not prepared: use it in hooks and tests');
    return this.home;
  }
}

/** Tests write more rows at once than an instance, which fails statements that take long. */
function withoutTimeLimits(options: DataSourceOptions): DataSourceOptions {
  if (options.type !== 'postgres') return options;
  const limits = { lock_timeout: 30_000, statement_timeout: 0, query_timeout: 0 };
  return {
    ...options,
    connectTimeoutMS: 60_000,
    extra: { ...(options.extra as object), ...limits },
  };
}
