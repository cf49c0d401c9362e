import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExecutionContext } from '@nestjs/common';
import { RateLimitedError, ServiceUnavailableError } from '../errors/common.errors';
import { loadConfig } from '../config/app-config';
import { CONCURRENCY, ConcurrencyLimitGuard } from './concurrency-limit.guard';

/** The part of a response that the guard watches. */
class FakeResponse extends EventEmitter {
  destroyed = false;
  writableEnded = false;

  end(): void {
    this.writableEnded = true;
  }

  hangUp(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

describe('ConcurrencyLimitGuard', () => {
  const { maxServed, maxWaiting, maxWaitMs, maxAbandonedMs } = CONCURRENCY;
  let guard: ConcurrencyLimitGuard;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    guard = new ConcurrencyLimitGuard(loadConfig({ JWT_SECRET: 'a secret' }));
  });

  afterEach(() => jest.useRealTimers());

  /** @returns what the guard says; `served` is true once the request may be served */
  const arrive = (userId: number | undefined, by = guard) => {
    const response = new FakeResponse();
    const http = {
      getRequest: () => ({ user: userId === undefined ? undefined : { id: userId } }),
      getResponse: () => response,
    };
    const context = { switchToHttp: () => http } as unknown as ExecutionContext;
    const request = { response, served: false, admission: Promise.resolve(true) };
    const verdict = by.canActivate(context);
    request.served = verdict === true;
    request.admission = Promise.resolve(verdict).then((served) => (request.served = served));
    request.admission.catch(() => undefined);
    return request;
  };

  const arrivals = (count: number, userId: number, by = guard) =>
    Array.from({ length: count }, () => arrive(userId, by));

  const countServed = (requests: readonly { served: boolean }[]) =>
    requests.filter(({ served }) => served).length;

  it('serves a few requests of one user at once, the others in order of arrival', async () => {
    const requests = arrivals(maxServed + 3, 1);
    await nextTurn();
    expect(countServed(requests)).toBe(maxServed);
    requests[2]!.response.end();
    await nextTurn();
    await nextTurn();
    expect(requests.map(({ served }) => served).lastIndexOf(true)).toBe(maxServed);
    expect(countServed(requests)).toBe(maxServed + 1);
  });

  it('serves others, and requests without a user, at once meanwhile', () => {
    arrivals(maxServed + 3, 1);
    expect(arrive(2).served).toBe(true);
    expect(arrive(undefined).served).toBe(true);
  });

  it.each([
    ['1', 1],
    ['2', 1],
    ['6', 2],
    ['100', maxServed],
  ])('of a pool of %s PostgreSQL connections, serves %d at once', (poolSize, expected) => {
    const small = new ConcurrencyLimitGuard(
      loadConfig({
        JWT_SECRET: 'a secret',
        DATABASE_URL: 'postgres://localhost/orders',
        DATABASE_POOL_SIZE: poolSize,
      }),
    );
    expect(countServed(arrivals(20, 1, small))).toBe(expected);
  });

  it('rejects requests of a user with too many waiting', async () => {
    arrivals(maxServed + maxWaiting, 1);
    const refusal: unknown = await arrive(1).admission.catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RateLimitedError);
    expect(refusal).toMatchObject({
      retryAfterSeconds: 1,
      limit: { policy: 'user-concurrency', quota: maxServed + maxWaiting },
    });
    expect(arrive(2).served).toBe(true);
  });

  it('rejects a request whose turn does not come in time', async () => {
    arrivals(maxServed, 1);
    const { admission } = arrive(1);
    const outcome = admission.catch((error: unknown) => error);
    jest.advanceTimersByTime(maxWaitMs);
    expect(await outcome).toBeInstanceOf(ServiceUnavailableError);
  });

  it('keeps the place of a client that hangs up until the work has ended', async () => {
    const [first] = arrivals(maxServed, 1);
    first!.response.hangUp();
    jest.advanceTimersByTime(maxAbandonedMs - 1);
    await nextTurn();
    expect(arrive(1).served).toBe(false);
    first!.response.end();
    await nextTurn();
    await nextTurn();
    expect(countServed(arrivals(1, 1))).toBe(0); // the one that waited has the place
  });

  it('frees the place of a client that has hung up in the end', async () => {
    const [first] = arrivals(maxServed, 1);
    first!.response.hangUp();
    jest.advanceTimersByTime(maxAbandonedMs / 2);
    const waiting = arrive(1);
    jest.advanceTimersByTime(maxAbandonedMs / 2);
    await nextTurn();
    await nextTurn();
    expect(waiting.served).toBe(true);
  });

  it('does not serve a client that hung up while it waited, and lets the next one in', async () => {
    const [first] = arrivals(maxServed, 1);
    const [gone, next] = arrivals(2, 1);
    gone!.response.hangUp();
    first!.response.end();
    await expect(gone!.admission).rejects.toThrow(ServiceUnavailableError);
    gone!.response.end(); // the filter responds all the same
    expect(await next!.admission).toBe(true);
  });

  it('does not count a response twice that ends and is closed', async () => {
    for (const { response } of arrivals(maxServed, 1)) {
      response.end();
      await nextTurn();
      response.emit('close');
    }
    await nextTurn();
    expect(countServed(arrivals(maxServed * 2, 1))).toBe(maxServed);
  });
});
