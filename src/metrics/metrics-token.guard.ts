import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { bearerToken } from '../api/bearer-token';
import { AppConfig } from '../config/app-config';
import { InvalidTokenError, UnauthenticatedError } from '../errors/common.errors';

/** Requires the bearer token of `METRICS_TOKEN`. */
@Injectable()
export class MetricsTokenGuard implements CanActivate {
  private readonly expected: Buffer;

  constructor({ metrics }: AppConfig) {
    this.expected = digestOf(metrics.token ?? '');
  }

  /** @throws UnauthenticatedError, InvalidTokenError */
  canActivate(context: ExecutionContext): boolean {
    const token = bearerToken(context.switchToHttp().getRequest<Request>());
    if (token === null) throw new UnauthenticatedError();
    // Digests have the same length, so the time depends neither on the token nor on its length.
    if (!timingSafeEqual(digestOf(token), this.expected)) throw new InvalidTokenError('invalid');
    return true;
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
