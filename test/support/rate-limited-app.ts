import type { Response } from 'supertest';
import { PasswordHasher } from '../../src/auth/password-hasher';
import { type ApiClient, PASSWORD, expectProblem } from './api-client';
import { TestApp } from './test-app';
import { resetWallClock } from './wall-clock';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

/**
 * A new application with rate limits for each test of the enclosing `describe`. Its clock is frozen,
 * and requests choose the address that they come from.
 */
export class RateLimitedApp {
  private registered = 0;

  private constructor(readonly app: TestApp) {}

  static forEachTest(): RateLimitedApp {
    afterEach(() => {
      resetWallClock();
      jest.restoreAllMocks();
    });
    const app = TestApp.forEachTest({ RATE_LIMIT_ENABLED: 'true' });
    beforeEach(() => {
      app.nest.set('trust proxy', 1);
      app.clock.freeze();
    });
    return new RateLimitedApp(app);
  }

  post(address: string, path: string, body: object, api: ApiClient = this.app.api) {
    return api.post(path, body).set('X-Forwarded-For', address);
  }

  /** @returns the e-mail address of a new account */
  async register(): Promise<string> {
    const email = `owner${++this.registered}@example.com`;
    const account = { name: 'Owner', email, password: PASSWORD };
    await this.post('192.0.2.99', '/auth/register', account).expect(201);
    return email;
  }

  logIn(email: string, address = '192.0.2.1', password = PASSWORD) {
    return this.post(address, '/auth/login', { email, password });
  }

  /** Sends wrong passwords one after the other, and returns the statuses of the responses. */
  async guess(times: number, email: string, address?: string): Promise<number[]> {
    const statuses: number[] = [];
    for (let time = 0; time < times; time++) {
      statuses.push((await this.logIn(email, address, 'wrong guess')).status);
    }
    return statuses;
  }

  /** Holds password checks back until `count` of them wait. */
  holdPasswordChecks(count: number): void {
    const hasher = this.app.nest.get(PasswordHasher);
    const matches = hasher.matches.bind(hasher);
    const waiting: (() => void)[] = [];
    jest.spyOn(hasher, 'matches').mockImplementation(async (...args) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length >= count) for (const release of waiting.splice(0)) release();
      });
      return matches(...args);
    });
  }
}

/** Expects a 429 response that lists the limit that is used up. */
export function expectRateLimited(response: Response, retryAfter: number): void {
  expectProblem(response, 429, 'rate_limited');
  expect(response.headers['retry-after']).toBe(String(retryAfter));
  const policy = new RegExp(`"([a-z-]+)";r=0;t=${retryAfter}(,|$)`).exec(
    String(response.headers['ratelimit']),
  )?.[1];
  expect(response.headers['ratelimit-policy']).toContain(`"${policy}";q=`);
  expect(Object.keys(response.headers as object).join()).not.toContain('x-ratelimit');
}
