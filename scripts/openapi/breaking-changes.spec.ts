const { breakingChanges } = jest.requireActual<{
  breakingChanges: (before: object, after: object) => string[];
}>('./breaking-changes.js');

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- tests change any part of a document

/** A small document; each test changes a copy of it. */
const DOCUMENT = {
  paths: {
    '/orders': {
      post: {
        operationId: 'orders_create',
        parameters: [
          { name: 'dry_run', in: 'query', required: false, schema: { type: 'boolean' } },
          {
            name: 'limit',
            in: 'query',
            required: false,
            schema: { type: 'integer', maximum: 100 },
          },
        ],
        requestBody: {
          required: false,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Request' } } },
        },
        responses: {
          201: {
            headers: { Location: { $ref: '#/components/headers/Location' } },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } },
          },
          409: {
            headers: { 'Retry-After': { required: true, schema: { type: 'integer' } } },
            content: {
              'application/problem+json': {
                schema: {
                  allOf: [
                    { $ref: '#/components/schemas/Problem' },
                    { type: 'object', properties: { code: { type: 'string', enum: ['a', 'b'] } } },
                  ],
                },
              },
            },
          },
        },
      },
    },
    '/orders/{id}': {
      get: {
        security: [],
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
        responses: { 200: {} },
      },
    },
  },
  webhooks: {
    event: {
      post: {
        parameters: [
          { name: 'webhook-id', in: 'header', required: true, schema: { type: 'string' } },
        ],
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Event' } } },
        },
      },
    },
  },
  components: {
    headers: { Location: { required: true, schema: { type: 'string' } } },
    schemas: {
      Problem: { type: 'object', properties: { code: { type: 'string' } }, required: ['code'] },
      Request: {
        type: 'object',
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 200 },
          amount: { type: 'number', minimum: 0 },
          kind: { type: 'string', enum: ['x', 'y'] },
        },
        required: ['name'],
      },
      Status: { type: 'string', enum: ['pending', 'done'] },
      Event: {
        type: 'object',
        properties: { type: { type: 'string', enum: ['a', 'b'] }, id: { type: 'string' } },
        required: ['type', 'id'],
      },
      Order: {
        type: 'object',
        properties: {
          id: { type: 'integer' },
          status: { allOf: [{ $ref: '#/components/schemas/Status' }] },
          from: { anyOf: [{ $ref: '#/components/schemas/Status' }, { type: 'null' }] },
          created_at: { type: 'string', format: 'date-time' },
          reason: { type: ['string', 'null'] },
          lines: {
            type: 'array',
            items: { type: 'object', properties: { sku: { type: 'string' } } },
          },
        },
        required: ['id', 'created_at'],
      },
    },
  },
};

function changesOf(change: (document: Json) => void): string[] {
  const changed = structuredClone(DOCUMENT) as Json;
  change(changed);
  return breakingChanges(DOCUMENT, changed);
}

const create = (document: Json): Json => document['paths']['/orders'].post as Json;
const order = (document: Json): Json => document['components'].schemas.Order.properties as Json;
const webhook = (document: Json): Json => document['webhooks'].event.post as Json;
const event = (document: Json): Json => document['components'].schemas.Event as Json;
const request = (document: Json): Json => document['components'].schemas.Request as Json;

describe('breakingChanges', () => {
  it.each<[string, (document: Json) => void, string]>([
    ['a path is gone', (d) => delete d['paths']['/orders'], 'POST /orders is gone'],
    ['a method is gone', (d) => delete d['paths']['/orders/{id}'].get, 'GET /orders/{} is gone'],
    ['an operation is renamed', (d) => (create(d)['operationId'] = 'place'), 'operationId was'],
    ['a token is required', (d) => delete d['paths']['/orders/{id}'].get.security, 'requires auth'],

    ['a parameter is gone', (d) => create(d)['parameters'].pop(), 'query parameter limit is gone'],
    ['a parameter is required', (d) => (create(d)['parameters'][0].required = true), 'is required'],
    [
      'a new parameter is required',
      (d) => create(d)['parameters'].push({ name: 'X-Key', in: 'header', required: true }),
      'header parameter X-Key is required',
    ],
    [
      'a parameter accepts less',
      (d) => (create(d)['parameters'][1].schema.maximum = 50),
      'query parameter limit has the maximum 50',
    ],
    [
      'the parameter of a path has another type',
      (d) => (d['paths']['/orders/{id}'].get.parameters[0].schema.type = 'string'),
      'path parameter 1 was integer and is string',
    ],

    ['a webhook is gone', (d) => delete d['webhooks'], 'webhook POST event is gone'],
    [
      'a header of a webhook is gone',
      (d) => webhook(d)['parameters'].pop(),
      'webhook POST event: header parameter webhook-id may be missing',
    ],
    [
      'a field of a webhook is gone',
      (d) => delete event(d)['properties'].id,
      'webhook POST event: request body.id is gone',
    ],
    [
      'a field of a webhook may be missing',
      (d) => event(d)['required'].pop(),
      'webhook POST event: request body.id may be missing',
    ],
    [
      'a webhook has a further type of event',
      (d) => event(d)['properties'].type.enum.push('c'),
      'webhook POST event: request body.type',
    ],
    ['a body is required', (d) => (create(d)['requestBody'].required = true), 'body is required'],
    ['a body is rejected', (d) => delete create(d)['requestBody'], 'the request body is gone'],
    [
      'a media type is rejected',
      (d) => (create(d)['requestBody'].content = {}),
      'application/json of request body is gone',
    ],
    [
      'a field is rejected',
      (d) => delete request(d)['properties'].name,
      'request body.name is gone',
    ],
    ['a field is required', (d) => request(d)['required'].push('amount'), 'amount is required'],
    [
      'a new field is required',
      (d) => Object.assign(request(d), { required: ['name', 'new'] }),
      'request body.new is required',
    ],
    [
      'unknown fields are rejected',
      (d) => (request(d)['additionalProperties'] = false),
      'request body accepts no further fields',
    ],
    [
      'a field accepts shorter strings only',
      (d) => (request(d)['properties'].name.maxLength = 100),
      'request body.name has the maxLength 100',
    ],
    [
      'a field of a request has another type',
      (d) => (request(d)['properties'].amount.type = 'string'),
      'request body.amount was number and is string',
    ],
    [
      'a field requires a pattern',
      (d) => (request(d)['properties'].name.pattern = '^a'),
      'request body.name has the pattern ^a',
    ],
    [
      'a field no longer accepts a value',
      (d) => request(d)['properties'].kind.enum.pop(),
      'request body.kind has no value y',
    ],
    [
      'a field becomes an enum',
      (d) => (request(d)['properties'].name.enum = ['a']),
      'request body.name is limited to its values now',
    ],

    ['a status is gone', (d) => delete create(d)['responses'][409], 'status 409 is gone'],
    [
      'a header is gone',
      (d) => (create(d)['responses'][201].headers = {}),
      'Location of 201 is gone',
    ],
    [
      'a header may be missing',
      (d) => (d['components'].headers.Location.required = false),
      'header Location of 201 may be missing',
    ],
    [
      'a header of an error may be missing',
      (d) => (create(d)['responses'][409].headers['Retry-After'].required = false),
      'header Retry-After of 409 may be missing',
    ],
    [
      'a response has another media type',
      (d) => (create(d)['responses'][201].content = { 'text/plain': {} }),
      'application/json of 201 is gone',
    ],
    ['a field of a response is gone', (d) => delete order(d)['reason'], '201.reason is gone'],
    [
      'a field of a response may be missing',
      (d) => d['components'].schemas.Order.required.pop(),
      '201.created_at may be missing',
    ],
    [
      'a field of a response has another type',
      (d) => (order(d)['id'].type = 'string'),
      'was integer',
    ],
    [
      'a field of a response may be null',
      (d) => (order(d)['id'].type = ['integer', 'null']),
      'null',
    ],
    ['an integer may be a fraction', (d) => (order(d)['id'].type = 'number'), '201.id was integer'],
    [
      'a field of a response has another format',
      (d) => (order(d)['created_at'].format = 'date'),
      '201.created_at has the format date instead of date-time',
    ],
    [
      'an enum value is gone',
      (d) => d['components'].schemas.Status.enum.pop(),
      '201.status has no value done any more',
    ],
    [
      'an enum is opened',
      (d) => delete d['components'].schemas.Status.enum,
      '201.status is not limited to its values now',
    ],
    [
      'a response has another alternative',
      (d) => order(d)['from'].anyOf.push({ type: 'integer' }),
      '201.from has other alternatives',
    ],
    [
      'a field of an entry of a list is gone',
      (d) => delete order(d)['lines'].items.properties.sku,
      '201.lines[].sku is gone',
    ],
    [
      'a response has a new value',
      (d) => d['components'].schemas.Status.enum.push('new'),
      '201.status has the new value new',
    ],
    [
      'a field of an error may be missing',
      (d) => delete d['components'].schemas.Problem.required,
      '409.code may be missing',
    ],
    [
      'an error no longer has a code',
      (d) =>
        create(d)['responses'][409].content[
          'application/problem+json'
        ].schema.allOf[1].properties.code.enum.pop(),
      '409.code has no value b any more',
    ],
  ])('reports that %s', (_, change, reported) => {
    expect(changesOf(change).join('\n')).toContain(reported);
  });

  it.each<[string, (document: Json) => void]>([
    ['nothing changes', () => {}],
    ['a route is new', (d) => (d['paths']['/new'] = { get: { responses: {} } })],
    [
      'a parameter of a path is renamed',
      (d) => {
        const { get } = d['paths']['/orders/{id}'];
        get.parameters[0].name = 'order_id';
        delete d['paths']['/orders/{id}'];
        d['paths']['/orders/{order_id}'] = { get };
      },
    ],
    ['a token is optional', (d) => (create(d)['security'] = [])],
    ['a parameter is new', (d) => create(d)['parameters'].push({ name: 'new', in: 'query' })],
    ['a parameter accepts more', (d) => (create(d)['parameters'][1].schema.maximum = 200)],
    ['a field of a request is new', (d) => (request(d)['properties'].new = { type: 'string' })],
    ['a field of a request is optional', (d) => (request(d)['required'] = [])],
    [
      'a field of a request may be null',
      (d) => (request(d)['properties'].name.type = ['string', 'null']),
    ],
    [
      'a field of a request accepts longer strings',
      (d) => (request(d)['properties'].name.maxLength = 300),
    ],
    ['a request accepts a new value', (d) => request(d)['properties'].kind.enum.push('z')],
    ['a status is new', (d) => (create(d)['responses'][412] = {})],
    ['a header is new', (d) => (create(d)['responses'][201].headers.ETag = {})],
    ['a field of a response is new', (d) => (order(d)['new'] = { type: 'string' })],
    [
      'a field of a response is never missing',
      (d) => d['components'].schemas.Order.required.push('reason'),
    ],
    ['a field of a response is never null', (d) => (order(d)['reason'].type = 'string')],
    [
      'a description and an example change',
      (d) => Object.assign(order(d)['id'], { description: 'x', example: 2 }),
    ],
    [
      'an error has a new code',
      (d) =>
        create(d)['responses'][409].content[
          'application/problem+json'
        ].schema.allOf[1].properties.code.enum.push('c'),
    ],
    [
      'an error has a new code, for which a header may be missing',
      (d) => {
        const problem = create(d)['responses'][409];
        problem.headers['Retry-After'].required = false;
        problem.content['application/problem+json'].schema.allOf[1].properties.code.enum.push('c');
      },
    ],
    [
      'the codes of an error have schemas of their own',
      (d) => {
        const problem = create(d)['responses'][409].content['application/problem+json'];
        const [base] = problem.schema.allOf;
        const schemaOf = (code: string, member: string) => ({
          allOf: [
            base,
            {
              type: 'object',
              properties: { code: { type: 'string', enum: [code] }, [member]: { type: 'string' } },
              required: ['code', member],
            },
          ],
        });
        problem.schema = { oneOf: [schemaOf('a', 'x'), schemaOf('b', 'y'), schemaOf('c', 'z')] };
      },
    ],
  ])('reports nothing when %s', (_, change) => {
    expect(changesOf(change)).toEqual([]);
  });

  it('rejects a document with a reference to nothing', () => {
    expect(() => changesOf((d) => delete d['components'].schemas.Status)).toThrow('does not exist');
  });
});
