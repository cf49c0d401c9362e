import { type Logger, pino } from 'pino';
import { NoTracing } from '../common/tracing';
import { RefusalLog } from './refusal-log';

describe('RefusalLog', () => {
  let lines: Record<string, unknown>[];
  let log: RefusalLog;
  const tracing = new NoTracing();

  beforeEach(() => {
    jest.useFakeTimers();
    lines = [];
    const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
    const logger: Logger = pino({}, { write });
    log = new RefusalLog(logger, tracing);
  });

  afterEach(() => jest.useRealTimers());

  it('logs the first request of a client in a minute', () => {
    expect(log.shouldLog('192.0.2.1')).toBe(true);
    expect(log.shouldLog('192.0.2.1')).toBe(false);
    expect(log.shouldLog('192.0.2.2')).toBe(true);
    expect(log.shouldLog('2001:db8::1')).toBe(true);
    expect(log.shouldLog('2001:db8::2')).toBe(false); // the same network
    expect(log.shouldLog(undefined)).toBe(true);
    jest.advanceTimersByTime(60_000);
    expect(log.shouldLog('192.0.2.1')).toBe(true);
  });

  it('waits for the end of the minute outside of the trace of the first request', () => {
    const detach = jest.spyOn(tracing, 'detach');
    log.shouldLog('192.0.2.1');
    expect(detach).toHaveBeenCalledTimes(1);
    expect(detach.mock.results[0]!.value).toBeDefined();
    expect(jest.getTimerCount()).toBe(1);
    detach.mockRestore();
  });

  it('logs the number of the other requests when the minute ends', () => {
    for (let request = 0; request < 10; request++) log.shouldLog(`192.0.2.${request % 2}`);
    jest.advanceTimersByTime(59_999);
    expect(lines).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(lines).toEqual([expect.objectContaining({ requests: 8, clients: 2 })]);
    log.shouldLog('192.0.2.1');
    jest.advanceTimersByTime(120_000);
    expect(lines).toHaveLength(1); // all requests since were logged
  });

  it('logs at most 300 requests in a minute', () => {
    const logged = Array.from({ length: 1_000 }, (_, client) =>
      log.shouldLog(`192.0.${client >> 8}.${client & 255}`),
    );
    expect(logged.filter(Boolean)).toHaveLength(300);
    jest.advanceTimersByTime(60_000);
    expect(lines).toEqual([expect.objectContaining({ requests: 700, clients: 300 })]);
  });
});
