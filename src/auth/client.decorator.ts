import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { Request } from 'express';

/** The client that sent a request. */
export interface Client {
  readonly ipAddress: string;
  /** The `User-Agent` header. */
  readonly userAgent: string | null;
}

const MAX_USER_AGENT_LENGTH = 500;

/** Injects the {@link Client} of a request. */
export const CurrentClient = createParamDecorator(
  (_: unknown, context: ExecutionContext): Client => {
    const { ip = '', headers } = context.switchToHttp().getRequest<Request>();
    return {
      ipAddress: ip,
      userAgent: headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH) || null,
    };
  },
);
