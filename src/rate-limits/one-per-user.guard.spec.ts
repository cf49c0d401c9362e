import { EventEmitter } from 'node:events';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { OnePerUser } from '../api/one-per-user.decorator';
import { NoMeasurements } from '../common/measurements';
import { RateLimitedError, ServiceUnavailableError } from '../errors/common.errors';
import { OnePerUserGuard } from './one-per-user.guard';

describe('OnePerUserGuard', () => {
  const guard = new OnePerUserGuard(new Reflector(), new NoMeasurements());
  const [reports, otherReports, short] = [() => {}, () => {}, () => {}];
  OnePerUser({ group: 'reports', perInstance: 2 })(reports);
  OnePerUser({ group: 'reports', perInstance: 2 })(otherReports);

  /** @returns the end of the response */
  const arrive = (userId: number, handler = reports, destroyed = false) => {
    const response = Object.assign(new EventEmitter(), { destroyed });
    const http = { getRequest: () => ({ user: { id: userId } }), getResponse: () => response };
    const context = { switchToHttp: () => http, getHandler: () => handler };
    expect(guard.canActivate(context as unknown as ExecutionContext)).toBe(true);
    return () => response.emit('close');
  };

  it('serves one request of a user to a group of routes, until its response closes', () => {
    const close = arrive(1);
    expect(() => arrive(1)).toThrow(RateLimitedError);
    expect(() => arrive(1, otherReports)).toThrow(RateLimitedError);
    close();
    arrive(1, otherReports)();
  });

  it('serves a few users', () => {
    const ends = [arrive(1), arrive(2)];
    expect(() => arrive(3)).toThrow(ServiceUnavailableError);
    for (const end of ends) end();
    arrive(3)();
  });

  it('does not limit other routes', () => {
    const end = arrive(1);
    for (let n = 0; n < 3; n++) expect(() => arrive(1, short)).not.toThrow();
    end();
  });

  it('keeps no place for a client that has disconnected before', () => {
    for (const userId of [1, 2, 3]) {
      expect(() => arrive(userId, reports, true)).toThrow(ServiceUnavailableError);
    }
    arrive(1)();
  });
});
