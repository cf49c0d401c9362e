import type { OpenAPIObject } from '@nestjs/swagger';
import { ServerFleet } from './support/server-fleet';
import type { ServerProcess } from './support/server-process';

/** The build adds the comments and types of DTOs to the document. */
describe('The OpenAPI document of the built server', () => {
  const fleet = ServerFleet.forSuite({ PROCESSING_ENABLED: 'false' });
  let server: ServerProcess;

  beforeAll(async () => {
    server = await fleet.start();
  });

  it('is OpenAPI 3.1, with a summary, examples and errors for every route', async () => {
    const document = (await server.api.get('/openapi.json').expect(200)).body as OpenAPIObject;
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, Operation>).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
      ),
    );
    const routes = [
      'GET /',
      'GET /admin/orders',
      'GET /admin/orders/stats',
      'GET /admin/orders/{id}',
      'GET /admin/orders/{id}/history',
      'GET /admin/processing',
      'GET /health/live',
      'GET /health/ready',
      'GET /orders',
      'GET /orders/{id}',
      'GET /orders/{id}/history',
      'GET /users/me',
      'PATCH /orders/{id}/cancel',
      'POST /admin/orders/cancellations',
      'POST /admin/orders/retries',
      'POST /admin/orders/{id}/cancel',
      'POST /admin/orders/{id}/retry',
      'POST /admin/processing/pause',
      'POST /admin/processing/resume',
      'POST /admin/processing/runs',
      'POST /auth/login',
      'POST /auth/register',
      'POST /orders',
    ];
    expect(operations.map(([route]) => route)).toEqual(expect.arrayContaining(routes));
    const { responses: shared } = document.components as { responses: Operation['responses'] };
    for (const [route, operation] of operations) {
      expect([route, operation.summary]).toEqual([route, expect.stringMatching(/\w+.*\.$/)]);
      const [success] = Object.keys(operation.responses);
      expect([route, success]).toEqual([route, expect.stringMatching(/^20[0124]$/)]);
      expect([route, Object.keys(operation.responses)]).toEqual([
        route,
        expect.arrayContaining(['400', '500', '503']),
      ]);
      const isPublic =
        /^(GET \/$|GET \/(health|problems)|POST \/auth\/(register|login|refresh)$)/.test(route);
      expect([route, operation.security]).toEqual([route, isPublic ? [] : undefined]);
      if (!isPublic) expect(operation.responses).toHaveProperty('401');
      if (!/^GET \/($|health|problems)/.test(route)) {
        const limited = resolve(operation.responses['429'], shared);
        expect(limited).toMatchObject({ headers: { 'Retry-After': {} } });
      }
      if (operation.requestBody) {
        expect(operation.responses).toHaveProperty('413');
        expect(operation.responses).toHaveProperty('415');
      }
    }
    expect(document.components?.schemas?.['PlaceOrderRequest']).toMatchObject({
      properties: {
        product_name: { minLength: 1, maxLength: 200, example: 'Laptop' },
        amount: { minimum: 0.01, maximum: 9999999999.99, example: 999.99 },
      },
      required: ['product_name', 'amount'],
    });
  });

  it('has the parameters and headers of orders', async () => {
    const { paths, components } = (await server.api.get('/openapi.json').expect(200))
      .body as OpenAPIObject;
    const { responses: shared } = components as { responses: Operation['responses'] };
    // Every operation has the other headers.
    const isOwn = (name: string) => !/^(X-Request-Id|RateLimit.*)$/.test(name);
    const described = (path: string, method: 'get' | 'post' | 'patch') => {
      const { parameters = [], responses } = paths[path]![method] as unknown as Operation;
      return {
        parameters: parameters.map(({ in: where, name }) => `${where} ${name}`).toSorted(),
        headers: Object.fromEntries(
          Object.entries(responses)
            .map(
              ([status, response]) => [status, resolve(response, shared)?.headers ?? {}] as const,
            )
            .map(
              ([status, headers]) =>
                [status, Object.keys(headers).filter(isOwn).toSorted()] as const,
            )
            .filter(([, names]) => names.length > 0),
        ),
        statuses: Object.keys(responses),
      };
    };
    const page = [
      'created_from',
      'created_to',
      'cursor',
      'limit',
      'metadata',
      'reference',
      'status',
    ];
    const query = (names: string[]) => names.map((name) => `query ${name}`);
    const list = { parameters: query(page), headers: { 200: ['Link'] } };
    expect(described('/orders', 'get')).toMatchObject(list);
    expect(described('/admin/orders', 'get')).toMatchObject({
      ...list,
      parameters: query([...page, 'user_id']),
    });
    expect(described('/orders', 'post')).toMatchObject({
      parameters: ['header Idempotency-Key'],
      headers: {
        201: ['ETag', 'Idempotent-Replayed', 'Location'],
        401: ['WWW-Authenticate'],
        409: ['Retry-After'],
        503: ['Retry-After'],
      },
      statuses: expect.arrayContaining(['409', '422']),
    });
    for (const path of ['/orders/{id}', '/admin/orders/{id}']) {
      expect(described(path, 'get')).toMatchObject({
        parameters: ['header If-None-Match', 'path id'],
        headers: { 200: ['ETag'], 304: ['ETag'] },
      });
    }
    expect(described('/admin/processing', 'get')).toMatchObject({
      parameters: ['header If-None-Match'],
      headers: { 200: ['ETag'], 304: ['ETag'] },
    });
    expect(described('/orders/{id}/cancel', 'patch')).toMatchObject({
      parameters: ['header Idempotency-Key', 'header If-Match', 'path id'],
      headers: { 200: ['ETag', 'Idempotent-Replayed'] },
      statuses: expect.arrayContaining(['409', '412', '422']),
    });
    for (const [path, success] of [
      ['/admin/orders/{id}/cancel', '200'],
      ['/admin/orders/{id}/retry', '202'],
    ] as const) {
      expect(described(path, 'post')).toMatchObject({
        parameters: ['header Idempotency-Key', 'path id'],
        headers: { [success]: ['ETag', 'Idempotent-Replayed'], 409: ['Retry-After'] },
        statuses: expect.arrayContaining(['409', '422']),
      });
    }
    const status = (paths['/orders']!.get as unknown as Operation).parameters!.find(
      ({ name }) => name === 'status',
    );
    // The default of generators: the parameter is repeated for each status.
    expect(status).toMatchObject({ style: 'form', explode: true, schema: { type: 'array' } });
  });

  it('has an explorer that is served from the package', async () => {
    const page = await server.api.get('/docs').expect(200);
    expect(page.text).toContain('<title>Order Management API</title>');
    const assets = [...page.text.matchAll(/(?:src|href)="\.\/(docs\/[^"]+)"/g)];
    expect(assets.length).toBeGreaterThan(2);
    for (const [, asset] of assets) await server.api.get(`/${asset}`).expect(200);
    expect(page.text).not.toMatch(/(src|href)="(https?:)?\/\//);
    const settings = await server.api.get('/docs/swagger-ui-init.js').expect(200);
    expect(settings.text).toContain('"persistAuthorization": true');
  });
});

interface Operation {
  readonly summary?: string;
  readonly security?: unknown[];
  readonly requestBody?: unknown;
  readonly parameters?: { readonly in: string; readonly name: string }[];
  readonly responses: Record<string, DescribedResponse>;
}

interface DescribedResponse {
  readonly $ref?: string;
  readonly headers?: object;
}

/** Resolves a reference to a response that operations share. */
function resolve(
  response: DescribedResponse | undefined,
  shared: Operation['responses'],
): DescribedResponse | undefined {
  const name = response?.$ref?.split('/').at(-1);
  return name === undefined ? response : shared[name];
}
