import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOkResponse } from '@nestjs/swagger';
import type { Request } from 'express';
import { OwnConcurrency } from '../api/own-concurrency.decorator';
import { ValidationFailedError } from '../errors/common.errors';
import { MAX_POSITION, type PositionQuery } from './event-requests.dto';
import { EVENT_STREAM } from './server-sent-events';

const LAST_EVENT_ID = 'Last-Event-ID';

const EXAMPLE = `retry: 3217
id: 41

id: 42
event: order.created
data: {"id":"evt_7_1","type":"order.created","timestamp":"2026-01-31T12:00:00.000Z","position":42,"data":{"order_id":7,"user_id":1,"sequence":1,"from":null,"to":"pending","actor":{"type":"user","id":1},"reason":null,"product_name":"Laptop","amount":999.99,"reference":"A-1001"}}

`;

/** The response, the header and the limits of a route that streams events. */
export const StreamsEvents = (): MethodDecorator =>
  applyDecorators(
    OwnConcurrency(true),
    ApiHeader({
      name: LAST_EVENT_ID,
      description:
        'The `id` of the last event that was received. Clients send it when they reconnect. It must not be above the latest position.',
      required: false,
      schema: { type: 'string', pattern: String.raw`^\d{0,15}$`, example: '42' },
    }),
    ApiOkResponse({
      description: 'Server-Sent Events, with a comment every 15 seconds.',
      content: { [EVENT_STREAM]: { schema: { type: 'string' }, example: EXAMPLE } },
    }),
  );

/** Where a stream begins, and by which header or parameter. */
export interface StreamStart {
  readonly position: number;
  readonly field: string;
}

/**
 * @returns undefined when the stream begins now
 * @throws ValidationFailedError
 */
export function streamStart(request: Request, { after }: PositionQuery): StreamStart | undefined {
  const lastId = lastEventId(request);
  if (lastId !== undefined) return { position: lastId, field: LAST_EVENT_ID };
  return after === undefined ? undefined : { position: after, field: 'after' };
}

function lastEventId(request: Request): number | undefined {
  const value = request.get(LAST_EVENT_ID);
  if (value === undefined || value === '') return undefined;
  const position = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (position <= MAX_POSITION) return position;
  throw ValidationFailedError.ofField(LAST_EVENT_ID, 'must be the id of an event of the stream');
}
