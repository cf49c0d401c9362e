import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import { AppModule, type Extensions } from '../../src/app.module';
import { APP_OPTIONS, setUpApp } from '../../src/app.setup';
import { PasswordHasher } from '../../src/auth/password-hasher';
import { Clock } from '../../src/common/clock';
import { BoundedHttpAdapter, HTTP_TIMEOUTS, type HttpTimeouts } from '../../src/http/http-server';
import { loggerOptions } from '../../src/logging/logger';
import { PinoNestLogger } from '../../src/logging/pino-nest-logger';
import { loadConfig } from '../../src/config/app-config';
import { OrderProcessor } from '../../src/jobs/order-processor';
import { SimulatedFulfilment } from '../../src/jobs/simulated-fulfilment';
import { UsersService } from '../../src/users/users.service';
import { ApiClient, type SignedUp } from './api-client';
import { InProcessPasswordHasher } from './in-process-password-hasher';
import { MovableClock } from './movable-clock';
import { ScriptedFulfilment } from './scripted-fulfilment';
import { createTestDatabase } from './test-database';

/** The application as `main.ts` runs it, listening on a free port, on a database of its own. */
export class TestApp {
  private constructor(
    readonly nest: NestExpressApplication,
    readonly api: ApiClient,
    readonly clock: MovableClock,
    readonly fulfilment: ScriptedFulfilment,
    /** What was logged, one parsed line each. */
    readonly logLines: Record<string, unknown>[],
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  /**
   * @param environment variables that differ from the defaults of the tests
   * @param extensions of another team; their fulfilment steps run in place of the scripted one
   * @param timeouts that differ from those of the server
   */
  static async start(
    environment: Record<string, string> = {},
    extensions?: Extensions,
    timeouts: Partial<HttpTimeouts> = {},
  ): Promise<TestApp> {
    const database = await createTestDatabase();
    const config = loadConfig({
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_FILE: '',
      PROCESSING_CRON: '0 0 0 29 2 *', // suites run the processor when they want to
      BCRYPT_COST: '4',
      RATE_LIMIT_ENABLED: 'false', // suites send more than anybody may
      ...database.environment,
      ...environment,
    });
    const clock = new MovableClock();
    const fulfilment = new ScriptedFulfilment();
    const logLines: Record<string, unknown>[] = [];
    const write = (line: string) => void logLines.push(JSON.parse(line) as Record<string, unknown>);
    const logger = pino(loggerOptions('info'), { write });
    const testingModule = await Test.createTestingModule({
      imports: [AppModule.forRoot(config, extensions)],
    })
      .overrideProvider(Clock)
      .useValue(clock)
      .overrideProvider(PasswordHasher)
      .useClass(InProcessPasswordHasher)
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
    return new TestApp(nest, api, clock, fulfilment, logLines, () => database.drop());
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
    await this.nest.close();
    await this.dropDatabase();
  }
}
