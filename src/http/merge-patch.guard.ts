import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { MERGE_PATCH_ROUTE, MERGE_PATCH_TYPE } from '../api/merge-patch.decorator';
import { UnsupportedMediaTypeError } from '../errors/common.errors';

/** Rejects merge patches on routes that do not declare them. */
@Injectable()
export class MergePatchGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (request.method !== 'PATCH' || !request.is(MERGE_PATCH_TYPE)) return true;
    if (this.reflector.get<boolean>(MERGE_PATCH_ROUTE, context.getHandler())) return true;
    throw new UnsupportedMediaTypeError();
  }
}
