import { type Logger, pino } from 'pino';
import { QueryFailedError } from 'typeorm';
import { logConsole, loggerOptions } from './logger';
import { PinoNestLogger } from './pino-nest-logger';

describe('the log', () => {
  let lines: Record<string, unknown>[];
  let logger: Logger;
  let log: PinoNestLogger;

  beforeEach(() => {
    lines = [];
    const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
    logger = pino(loggerOptions('info'), { write });
    log = new PinoNestLogger(logger);
  });

  it('separates message, context and fields', () => {
    log.log({ msg: 'Order completed', order_id: 7 }, 'OrderTransitions');
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/),
        context: 'OrderTransitions',
        msg: 'Order completed',
        order_id: 7,
      },
    ]);
  });

  /** Like a library. */
  function writeToConsole(...values: unknown[]): void {
    const { log: say, warn, error } = console;
    try {
      logConsole(logger);
      // oxlint-disable-next-line no-console -- like a library
      console.warn(...values);
    } finally {
      Object.assign(console, { log: say, warn, error });
    }
  }

  it('contains the console output of libraries', () => {
    writeToConsole('[Cron] missed by %d ms', 7, { name: 'job' });
    const msg = "[Cron] missed by 7 ms { name: 'job' }";
    expect(lines).toEqual([expect.objectContaining({ level: 'warn', context: 'console', msg })]);
  });

  it('leaves out the properties of errors that libraries write to the console', () => {
    const failed = Object.assign(new Error('refused'), { command: { args: ['the-password'] } });
    writeToConsole('Unhandled error event:', failed);
    writeToConsole('Unhandled', { error: failed, command: failed.command });
    expect(lines).toMatchObject([
      { msg: expect.stringMatching(/^Unhandled.*: Error: refused\n/) },
      { msg: expect.stringMatching(/^Unhandled \{/) },
    ]);
    expect(JSON.stringify(lines)).not.toContain('the-password');
  });

  it('contains an error that libraries write to the console with its causes', () => {
    const cause = new AggregateError([new TypeError('inside')], 'between');
    writeToConsole(new Error('100 %s %d of', { cause }), 'next');
    expect(lines).toMatchObject([
      {
        msg: expect.stringMatching(/^Error: 100 %s %d of\n[^]*between[^]*TypeError: inside next$/),
      },
    ]);
  });

  it('redacts a URL where messages of the console are cut', () => {
    writeToConsole(`${'x'.repeat(7_980)} amqp://john:s3cret@broker`);
    expect(JSON.stringify(lines)).not.toMatch(/john|s3cret/);
  });

  it('redacts the credentials of URLs wherever they are in a line', () => {
    const url = 'amqp://john:s3cret@broker/orders';
    log.log({ msg: `Connecting to ${url}`, url, nested: { url } }, 'X');
    log.error(new Error(`refused: ${url}`, { cause: new Error(url) }), 'X');
    logger.child({ url }, { redact: [] }).info(url);
    expect(JSON.stringify(lines)).toContain('amqp://[redacted]@broker/orders');
    expect(JSON.stringify(lines)).not.toMatch(/john|s3cret/);
  });

  it('logs an error with its stack and its causes', () => {
    const error = new Error('outside', { cause: new TypeError('inside') });
    log.error({ msg: 'Failed', err: error }, 'Test');
    expect(lines[0]).toMatchObject({
      level: 'error',
      msg: 'Failed',
      err: {
        type: 'Error',
        message: 'outside',
        stack: expect.stringContaining('logger.spec'),
        cause: { type: 'TypeError', message: 'inside' },
      },
    });
  });

  it('leaves out the parameters of a failed query', () => {
    const driverError = Object.assign(new Error('duplicate key'), { code: '23505' });
    const error = new QueryFailedError('INSERT ...', ['john@example.com', 'the-hash'], driverError);
    log.error({ msg: 'Failed', err: error }, 'Test');
    expect(lines[0]).toMatchObject({ err: { message: 'duplicate key', code: '23505' } });
    expect(JSON.stringify(lines)).not.toMatch(/john@example|the-hash/);
  });

  it('redacts secrets in all messages', () => {
    log.log({ msg: 'careless', password: 'p1', body: { password: 'p2', access_token: 't1' } }, 'X');
    log.log({ msg: 'careless', headers: { authorization: 'Bearer t2' } }, 'X');
    expect(JSON.stringify(lines)).not.toMatch(/p1|p2|t1|t2/);
  });

  it('logs the loading of modules below the info level', () => {
    log.log('AppModule dependencies initialized', 'InstanceLoader');
    log.log('Nest application successfully started', 'NestApplication');
    expect(lines.map(({ msg }) => msg)).toEqual(['Nest application successfully started']);
  });
});
