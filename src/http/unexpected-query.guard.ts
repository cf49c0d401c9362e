import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { Request } from 'express';
import { ValidationFailedError } from '../errors/common.errors';
import { unknownField } from '../api/inherited-keys';

/** Rejects query parameters on routes that declare none. On other routes the DTO decides. */
@Injectable()
export class UnexpectedQueryGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { query } = context.switchToHttp().getRequest<Request>();
    const names = Object.keys(query);
    if (names.length > 0 && !declaresQuery(context)) {
      throw new ValidationFailedError(names.map(unknownField));
    }
    return true;
  }
}

/** Nest stores a handler's parameters as `{ '<kind>:<position>': … }`. */
function declaresQuery(context: ExecutionContext): boolean {
  const parameters: unknown = Reflect.getMetadata(
    ROUTE_ARGS_METADATA,
    context.getClass(),
    context.getHandler().name,
  );
  return Object.keys(parameters ?? {}).some((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
}
