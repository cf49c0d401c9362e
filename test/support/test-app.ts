import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import { AppModule, type Extensions } from '../../src/app.module';
import { APP_OPTIONS, setUpApp } from '../../src/app.setup';
import { PasswordHasher } from '../../src/auth/password-hasher';
import { Clock } from '../../src/common/clock';
import { PeriodicWork } from '../../src/common/periodic-work';
import { BoundedHttpAdapter, HTTP_TIMEOUTS, type HttpTimeouts } from '../../src/http/http-server';
import { loggerOptions } from '../../src/logging/logger';
import { PinoNestLogger } from '../../src/logging/pino-nest-logger';
import { loadConfig } from '../../src/config/app-config';
import { OrderProcessor } from '../../src/jobs/order-processor';
import { SimulatedFulfilment } from '../../src/jobs/simulated-fulfilment';
import { UsersService } from '../../src/users/users.service';
import { AddressResolver } from '../../src/webhooks/sending/address-resolver';
import { ApiClient, type SignedUp } from './api-client';
import { NEVER } from './cron';
import { InProcessPasswordHasher } from './in-process-password-hasher';
import { MovableClock } from './movable-clock';
import { OfflineResolver } from './offline-resolver';
import { ScriptedFulfilment } from './scripted-fulfilment';
import { SteppedPeriodicWork } from './stepped-periodic-work';
import { createEmptyDatabase, createTestDatabase } from './test-database';

type Settings = [
  /** Variables that differ from the defaults of the tests. */
  environment?: Record<string, string>,
  /** Of another team; their fulfilment steps replace the scripted one. */
  extensions?: Extensions,
  /** Timeouts that differ from those of the server. */
  timeouts?: Partial<HttpTimeouts>,
];

type StartedApp = Awaited<ReturnType<typeof startApp>>;

/** The application as `main.ts` runs it, listening on a free port, on its own database. */
export class TestApp {
  private started?: StartedApp;

  private constructor(private readonly settings: Settings) {}

  /** One application for all tests of the enclosing `describe`. */
  static forSuite(...settings: Settings): TestApp {
    const app = new TestApp(settings);
    beforeAll(() => app.start());
    afterAll(() => app.stop());
    return app;
  }

  /**
   * A new application for each test of the enclosing `describe`. Jest calls `afterEach` hooks in
   * order: one that needs the application to run, or that restores mocks, is declared before.
   */
  static forEachTest(...settings: Settings): TestApp {
    const app = new TestApp(settings);
    beforeEach(() => app.start());
    afterEach(() => app.stop());
    return app;
  }

  /** An application that the test stops itself. */
  static async start(...settings: Settings): Promise<TestApp> {
    const app = new TestApp(settings);
    await app.start();
    return app;
  }

  get nest(): NestExpressApplication {
    return this.running.nest;
  }

  get api(): ApiClient {
    return this.running.api;
  }

  get clock(): MovableClock {
    return this.running.clock;
  }

  /** What the application repeats in the background, such as reading whether processing is paused. */
  get periodicWork(): SteppedPeriodicWork {
    return this.running.periodicWork;
  }

  /** The variables of its database, for another application on it. */
  get databaseEnvironment(): Record<string, string> {
    return this.running.databaseEnvironment;
  }

  get fulfilment(): ScriptedFulfilment {
    return this.running.fulfilment;
  }

  /** The lines that were logged, parsed. */
  get logLines(): Record<string, unknown>[] {
    return this.running.logLines;
  }

  get dataSource(): DataSource {
    return this.nest.get(DataSource);
  }

  get processor(): OrderProcessor {
    return this.nest.get(OrderProcessor);
  }

  /** Registers a new account, makes it an admin, and logs in as it. */
  async signUpAdmin(): Promise<SignedUp> {
    const admin = await this.api.signUp();
    await this.nest.get(UsersService).changeRole(admin.email, 'admin');
    return admin;
  }

  async stop(): Promise<void> {
    if (!this.started) return; // its start failed, which is the error to report
    await this.started.nest.close();
    await this.started.dropDatabase();
    this.started = undefined;
  }

  private async start(): Promise<void> {
    this.started = await startApp(...this.settings);
  }

  private get running(): StartedApp {
    if (!this.started) throw new Error('The application is not running: use it in hooks and tests');
    return this.started;
  }
}

async function startApp(
  environment: Record<string, string> = {},
  extensions?: Extensions,
  timeouts: Partial<HttpTimeouts> = {},
) {
  const migrates = environment['DATABASE_MIGRATE_ON_START'] !== 'false';
  const database = await (migrates ? createTestDatabase() : createEmptyDatabase());
  const config = loadConfig({
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_FILE: '',
    PROCESSING_CRON: NEVER,
    BCRYPT_COST: '4',
    RATE_LIMIT_ENABLED: 'false', // suites send more requests than the limits allow
    ...database.environment,
    ...environment,
  });
  const clock = new MovableClock();
  const periodicWork = new SteppedPeriodicWork();
  const fulfilment = new ScriptedFulfilment();
  const logLines: Record<string, unknown>[] = [];
  const write = (line: string) => void logLines.push(JSON.parse(line) as Record<string, unknown>);
  const logger = pino(loggerOptions('info'), { write });
  const testingModule = await Test.createTestingModule({
    imports: [AppModule.forRoot(config, extensions)],
  })
    .overrideProvider(Clock)
    .useValue(clock)
    .overrideProvider(PeriodicWork)
    .useValue(periodicWork)
    .overrideProvider(PasswordHasher)
    .useClass(InProcessPasswordHasher)
    .overrideProvider(AddressResolver)
    .useClass(OfflineResolver)
    .overrideProvider(SimulatedFulfilment)
    .useValue(fulfilment)
    .setLogger(new PinoNestLogger(logger))
    .compile();
  const nest = testingModule.createNestApplication<NestExpressApplication>(
    new BoundedHttpAdapter({ ...HTTP_TIMEOUTS, ...timeouts }),
    APP_OPTIONS,
  );
  setUpApp(nest, logger);
  await nest.listen(config.http.port, config.http.host);
  const api = new ApiClient(await nest.getUrl(), undefined, extensions !== undefined);
  return {
    nest,
    api,
    clock,
    periodicWork,
    fulfilment,
    logLines,
    databaseEnvironment: database.environment,
    dropDatabase: () => database.drop(),
  };
}
