import type { OpenAPIObject } from '@nestjs/swagger';
import { ID_SCHEMA } from '../api/id-schema';

type Webhooks = NonNullable<OpenAPIObject['webhooks']>;
type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

const HEADERS = [
  {
    in: 'header',
    required: true,
    name: 'webhook-id',
    description: 'The `id` in the request body, the same for each attempt.',
    schema: { type: 'string', example: 'evt_1_1' },
  },
  {
    in: 'header',
    required: true,
    name: 'webhook-timestamp',
    description:
      'When the attempt was made, in seconds since the epoch. Reject a request whose timestamp differs from your clock ' +
      'by more than five minutes.',
    schema: { type: 'string', pattern: String.raw`^\d+$`, example: '1769860800' },
  },
  {
    in: 'header',
    required: true,
    name: 'webhook-signature',
    description:
      'One signature, or two for 24 hours after a rotation of the secret, separated by a space: `v1,` and the HMAC-SHA256 of ' +
      '`webhook-id.webhook-timestamp.body` in base64.',
    schema: { type: 'string', example: 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=' },
  },
] as const;

const SIGNED =
  'Signed according to Standard Webhooks (https://www.standardwebhooks.com). ' +
  '`User-Agent` is `order-management-api/<version> (webhooks)`. ';

const TEST_EVENT: Schema = {
  type: 'object',
  required: ['id', 'type', 'timestamp', 'data'],
  properties: {
    id: { type: 'string', pattern: '^test_', example: 'test_0b6f7f1e-6d0a-4c1b-9f7e-2a3b4c5d6e7f' },
    type: { type: 'string', enum: ['webhook.test'], example: 'webhook.test' },
    timestamp: { type: 'string', format: 'date-time', example: '2026-01-31T12:00:00.000Z' },
    data: {
      type: 'object',
      required: ['webhook_id'],
      properties: { webhook_id: { ...ID_SCHEMA, example: 1 } },
    },
  },
};

/** Describes the requests that this server sends, for the OpenAPI document. */
export const WEBHOOKS: Webhooks = {
  event: {
    post: {
      operationId: 'receiveEvent',
      tags: ['Webhooks'],
      summary: 'Receives an event, at a URL that was set with `POST /webhooks`.',
      description:
        SIGNED +
        'Events arrive at least once until their retries are spent, and those of one order in their ' +
        'sequence: ignore an `id` that was handled.',
      security: [],
      parameters: [...HEADERS],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Event' } } },
      },
      responses: {
        '2XX': {
          description:
            'The event was received. The response must arrive within 15 seconds. Any other response, also a ' +
            'redirect, is followed by retries; 410 disables the webhook.',
        },
      },
    },
  },
  test: {
    post: {
      operationId: 'receiveTestEvent',
      tags: ['Webhooks'],
      summary: 'Receives a test event, which `POST /webhooks/{id}/test` sends.',
      description:
        SIGNED +
        'It is sent once, it is not part of the log, and it has no entry in the list of deliveries.',
      security: [],
      parameters: [...HEADERS],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: TEST_EVENT } },
      },
      responses: { '2XX': { description: 'The test event was received.' } },
    },
  },
};
