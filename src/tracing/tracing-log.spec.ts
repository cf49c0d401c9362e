import type { Logger } from 'pino';
import { TracingLog } from './tracing-log';

describe('TracingLog', () => {
  const lines: unknown[] = [];
  const write = (level: string) => (_: object, message: string) =>
    void lines.push(`${level}: ${message}`);
  const logger = { warn: write('warn'), info: write('info') } as unknown as Logger;
  const FAILED = 'warn: Traces could not be exported; the next failures are not logged';

  beforeEach(() => (lines.length = 0));
  afterEach(() => jest.restoreAllMocks());

  it('keeps what is reported before there is a log', () => {
    const log = new TracingLog();
    log.error('OTEL_TRACES_SAMPLER value "x" invalid');
    expect(lines).toEqual([]);
    log.writeTo(logger);
    expect(lines).toEqual(['warn: OTEL_TRACES_SAMPLER value "x" invalid']);
  });

  it('logs the first of several failures, and that they have ended', () => {
    const log = new TracingLog();
    log.writeTo(logger);
    for (let n = 0; n < 3; n++) log.exportFailed(new Error('no collector'));
    log.exported();
    log.exported();
    log.exportFailed(new Error('no collector'));
    expect(lines).toEqual([FAILED, 'info: Traces are exported again', FAILED]);
  });

  it('logs at most ten reports in a minute, shortened', () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    const log = new TracingLog();
    log.writeTo(logger);
    for (let n = 0; n < 100; n++) log.warn('Dropped %d spans', n, 'x'.repeat(5_000));
    expect(lines).toHaveLength(10);
    expect(String(lines[3])).toMatch(/^warn: Dropped 3 spans x+…$/);
    expect(String(lines[3]).length).toBeLessThan(1_100);
    now.mockReturnValue(61_000);
    log.warn('Dropped');
    expect(lines).toHaveLength(11);
  });
});
