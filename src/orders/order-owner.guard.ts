import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UseGuards,
  applyDecorators,
  createParamDecorator,
} from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import type { Request } from 'express';
import { ApiProblems } from '../api/api-problems.decorator';
import { ID_SCHEMA } from '../api/id-schema';
import { parseId } from '../api/parse-id';
import { UnauthenticatedError } from '../errors/common.errors';
import type { OrderWithMetadata } from './order-metadata-rows';
import { OrderNotFoundError } from './orders.errors';
import { OrdersService } from './orders.service';

type OrderRequest = Request & { order?: OrderWithMetadata };

/** Loads the order of the current user that `:id` names, for {@link CurrentOrder}. */
@Injectable()
export class OrderOwnerGuard implements CanActivate {
  constructor(private readonly orders: OrdersService) {}

  /** @throws ValidationFailedError, OrderNotFoundError */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<OrderRequest>();
    if (!request.user) throw new UnauthenticatedError();
    request.order = await this.orders.getOwn(parseId(request.params['id']), request.user.id);
    return true;
  }
}

/** Documents the `:id` of a route under `/orders/:id`. */
export const OrderIdParam = (): MethodDecorator =>
  ApiParam({
    name: 'id',
    description: 'The id of the order.',
    schema: { ...ID_SCHEMA, example: 1 },
  });

/** Restricts a route under `/orders/:id` to the owner of the order. */
export const ForOrderOwner = (): MethodDecorator =>
  applyDecorators(
    UseGuards(OrderOwnerGuard),
    OrderIdParam(),
    ApiProblems(new OrderNotFoundError()),
  );

/** Injects the order that {@link ForOrderOwner} has loaded. */
export const CurrentOrder = createParamDecorator(
  (_: unknown, context: ExecutionContext): OrderWithMetadata => {
    const { order } = context.switchToHttp().getRequest<OrderRequest>();
    if (!order) throw new Error('@CurrentOrder() needs @ForOrderOwner() on the route');
    return order;
  },
);
