import {
  type ExecutionContext,
  Injectable,
  type PipeTransform,
  applyDecorators,
  createParamDecorator,
} from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { ApiProblems } from '../api/api-problems.decorator';
import { ID_SCHEMA } from '../api/id-schema';
import { LimitByUser } from '../api/limit-by-user.decorator';
import { OnePerUser } from '../api/one-per-user.decorator';
import { toId } from '../api/parse-id';
import type { Response } from 'express';
import { InvalidCursorError } from '../errors/common.errors';
import { DomainError } from '../errors/domain-error';
import { PositionExpiredError } from '../events/events.errors';
import type { EventKey } from './endpoints/webhook-deliveries';
import { MAX_ENDPOINTS } from './endpoints/webhook-endpoints';
import {
  EventNotFoundError,
  INVALID_EVENT_ID,
  INVALID_URL,
  POSITION_NOT_REACHED,
  WebhookLimitReachedError,
  WebhookNotEnabledError,
  WebhookNotFoundError,
  WebhookSecretUnreadableError,
  WebhookUrlForbiddenError,
} from './webhooks.errors';

/** Changes of webhooks resolve host names, and make the server send requests. */
const CHANGES = { limit: 60, windowSeconds: 60 };
const TESTS = { limit: 10, windowSeconds: 60 };

/** The problems of the routes of users and of admins, besides those of each route of one webhook. */
export const WEBHOOK_PROBLEMS = {
  create: [
    INVALID_URL,
    new WebhookUrlForbiddenError(),
    new WebhookLimitReachedError(MAX_ENDPOINTS),
  ],
  list: [new InvalidCursorError()],
  update: [INVALID_URL, new WebhookUrlForbiddenError(), new WebhookSecretUnreadableError()],
  test: [new WebhookSecretUnreadableError()],
  replay: [POSITION_NOT_REACHED, new PositionExpiredError(1_001)],
  listDeliveries: [new InvalidCursorError()],
  redeliver: [INVALID_EVENT_ID, new EventNotFoundError(), new WebhookNotEnabledError()],
} satisfies Record<string, readonly DomainError[]>;

/** A route that changes a webhook. */
export const ChangesWebhook = (): MethodDecorator => LimitByUser(CHANGES);

/** A route that waits for the response of a receiver. */
export const SendsTest = (): MethodDecorator =>
  applyDecorators(LimitByUser(TESTS), OnePerUser({ group: 'webhook-tests', perInstance: 20 }));

/** Aborted when the client has disconnected, or has its response. */
export const UntilClosed = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const closed = new AbortController();
  const response = context.switchToHttp().getResponse<Response>();
  response.once('close', () => closed.abort());
  if (response.destroyed) closed.abort(); // while the guards were busy
  return closed.signal;
});

/** A route of one webhook. */
export const OfWebhook = (...errors: DomainError[]): MethodDecorator =>
  applyDecorators(
    ApiParam({
      name: 'id',
      description: 'The id of the webhook.',
      schema: { ...ID_SCHEMA, example: 1 },
    }),
    ApiProblems(new WebhookNotFoundError(), ...errors),
  );

/** Documents the `:event_id` of a route. */
export const EventIdParam = (): MethodDecorator =>
  ApiParam({
    name: 'event_id',
    description: 'The id of the event.',
    schema: { type: 'string', pattern: String.raw`^evt_\d+_\d+$`, example: 'evt_1_1' },
  });

/** Parses the id of an event. */
@Injectable()
export class ParseEventIdPipe implements PipeTransform<unknown, EventKey> {
  transform(value: unknown): EventKey {
    const [, order, number] = /^evt_(\d+)_(\d+)$/.exec(String(value)) ?? [];
    const [orderId, sequence] = [toId(order), toId(number)];
    if (orderId === undefined || sequence === undefined || sequence >= 2 ** 31) {
      throw INVALID_EVENT_ID;
    }
    return { orderId, sequence };
  }
}
