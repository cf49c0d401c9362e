import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { OnePerUser } from '../api/one-per-user.decorator';
import { NoMeasurements } from '../common/measurements';
import { loadConfig } from '../config/app-config';
import { RateLimitedError, ServiceUnavailableError } from '../errors/common.errors';
import { CONCURRENCY, ConcurrencyLimitGuard } from './concurrency-limit.guard';

/** The part of a response that the guard watches. */
class FakeResponse extends EventEmitter {
  destroyed = false;
  writableEnded = false;

  end(): void {
    this.writableEnded = true;
  }

  disconnect(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

describe('ConcurrencyLimitGuard', () => {
  const { maxServed, maxWaiting, maxWaitMs, maxAbandonedMs } = CONCURRENCY;
  let guard: ConcurrencyLimitGuard;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    guard = new ConcurrencyLimitGuard(
      loadConfig({ JWT_SECRET: 'a secret' }),
      new NoMeasurements(),
      new Reflector(),
    );
  });

  afterEach(() => jest.useRealTimers());

  /** Passes a request to the guard; `served` becomes true when the guard admits it. */
  const arrive = (userId: number | undefined, by = guard, handler: () => void = () => {}) => {
    const response = new FakeResponse();
    const http = {
      getRequest: () => ({ user: userId === undefined ? undefined : { id: userId } }),
      getResponse: () => response,
    };
    const context = { switchToHttp: () => http, getHandler: () => handler };
    const request = { response, served: false, admission: Promise.resolve(true) };
    const result = by.canActivate(context as unknown as ExecutionContext);
    request.served = result === true;
    request.admission = Promise.resolve(result).then((served) => (request.served = served));
    request.admission.catch(() => undefined);
    return request;
  };

  const arrivals = (count: number, userId: number, by = guard) =>
    Array.from({ length: count }, () => arrive(userId, by));

  const countServed = (requests: readonly { served: boolean }[]) =>
    requests.filter(({ served }) => served).length;

  it('takes no place for a request to a route with a limit of its own', () => {
    const route = () => {};
    OnePerUser({ group: 'reports', perInstance: 1 })(route);
    for (let n = 0; n < maxServed; n++) expect(arrive(1, guard, route).served).toBe(true);
    expect(countServed(arrivals(maxServed, 1))).toBe(maxServed);
  });

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

  it('serves other users, and requests without a user, at once', () => {
    arrivals(maxServed + 3, 1);
    expect(arrive(2).served).toBe(true);
    expect(arrive(undefined).served).toBe(true);
  });

  it.each([
    ['1', 1],
    ['2', 1],
    ['6', 2],
    ['100', maxServed],
  ])('with a pool of %s PostgreSQL connections serves %d at once', (poolSize, expected) => {
    const small = new ConcurrencyLimitGuard(
      loadConfig({
        JWT_SECRET: 'a secret',
        DATABASE_URL: 'postgres://localhost/orders',
        DATABASE_POOL_SIZE: poolSize,
      }),
      new NoMeasurements(),
      new Reflector(),
    );
    expect(countServed(arrivals(20, 1, small))).toBe(expected);
  });

  it('rejects a request when too many of the user are waiting', async () => {
    arrivals(maxServed + maxWaiting, 1);
    const refusal: unknown = await arrive(1).admission.catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RateLimitedError);
    expect(refusal).toMatchObject({
      retryAfterSeconds: 1,
      limit: { policy: 'user-concurrency', quota: maxServed + maxWaiting },
    });
    expect(arrive(2).served).toBe(true);
  });

  it('rejects a request that has waited too long', async () => {
    arrivals(maxServed, 1);
    const { admission } = arrive(1);
    const outcome = admission.catch((error: unknown) => error);
    jest.advanceTimersByTime(maxWaitMs);
    expect(await outcome).toBeInstanceOf(ServiceUnavailableError);
  });

  it('keeps the place of a disconnected client until the response ends', async () => {
    const [first] = arrivals(maxServed, 1);
    first!.response.disconnect();
    jest.advanceTimersByTime(maxAbandonedMs - 1);
    await nextTurn();
    expect(arrive(1).served).toBe(false);
    first!.response.end();
    await nextTurn();
    await nextTurn();
    expect(countServed(arrivals(1, 1))).toBe(0); // the waiting request has the place
  });

  it('frees the place of a disconnected client after a timeout', async () => {
    const [first] = arrivals(maxServed, 1);
    first!.response.disconnect();
    jest.advanceTimersByTime(maxAbandonedMs / 2);
    const waiting = arrive(1);
    jest.advanceTimersByTime(maxAbandonedMs / 2);
    await nextTurn();
    await nextTurn();
    expect(waiting.served).toBe(true);
  });

  it('skips a request whose client has disconnected while it waited', async () => {
    const [first] = arrivals(maxServed, 1);
    const [disconnected, next] = arrivals(2, 1);
    disconnected!.response.disconnect();
    first!.response.end();
    await expect(disconnected!.admission).rejects.toThrow(ServiceUnavailableError);
    disconnected!.response.end(); // the exception filter still responds
    expect(await next!.admission).toBe(true);
  });

  it('frees one place when a response ends and then closes', async () => {
    for (const { response } of arrivals(maxServed, 1)) {
      response.end();
      await nextTurn();
      response.emit('close');
    }
    await nextTurn();
    expect(countServed(arrivals(maxServed * 2, 1))).toBe(maxServed);
  });
});
