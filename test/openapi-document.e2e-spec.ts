import { Controller, Get, Module } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { MAX_AMOUNT } from '../src/orders/money';
import { createOpenApiDocument } from '../src/openapi/openapi';
import { ApiContract } from './support/api-contract';
import type { Operation } from './support/api-operations';
import type { SignedUp } from './support/api-client';
import { TestApp } from './support/test-app';

@ApiTags('Paint')
@Controller('paint')
class PaintController {
  @Get()
  list() {
    return [];
  }
}

@Module({ controllers: [PaintController] })
class PaintModule {}

describe('The OpenAPI document', () => {
  const app = TestApp.forSuite();

  describe('has schemas', () => {
    const contract = ApiContract.load();
    const ajv = addFormats(new Ajv2020({ strict: true, allowUnionTypes: true }));
    const bodyOf = (name: string) =>
      contract.resolve(contract.operations.find((operation) => operation.name === name)!.body!);
    const accepts = (schema: object, value: unknown) =>
      ajv.validate({ ...schema, $id: undefined }, value);

    beforeAll(() => {
      ajv.addKeyword('example');
    });

    it.each([0.01, 0.07, 1.1, 999.99, MAX_AMOUNT])('that accept the amount %s', (amount) => {
      expect(accepts(bodyOf('POST /orders'), { product_name: 'Laptop', amount })).toBe(true);
    });

    it.each(['', ' ', '\t', 'a\u0000', 'a\nb', '\u0085'])(
      'that reject the name %j, as the server does',
      async (product_name) => {
        expect(accepts(bodyOf('POST /orders'), { product_name, amount: 1 })).toBe(false);
        const user = await app.api.signUp();
        await user.post('/orders', { product_name, amount: 1 }).expect(400);
      },
    );

    it.each(['Laptop', 'ÄÖ 😀', ' a '])('that accept the name %j', (product_name) => {
      expect(accepts(bodyOf('POST /orders'), { product_name, amount: 1 })).toBe(true);
    });

    it.each(['jöhn@example.com', '\u212A@example.com', 'john'])(
      'that reject the address %j',
      (email) => {
        const login = { email, password: 'secure123' };
        expect(accepts(bodyOf('POST /auth/login'), login)).toBe(false);
      },
    );

    it('that accept line breaks in a reason', () => {
      const schema = bodyOf('PATCH /orders/{id}/cancel');
      expect(accepts(schema, { reason: 'Ordered\ntwice' })).toBe(true);
      expect(accepts(schema, { reason: 'a\u0000' })).toBe(false);
    });
  });

  it('has an example of a failed readiness check', () => {
    const readiness = ApiContract.load().find('GET', '/health/ready')!;
    const { content } = readiness.responses[503]! as unknown as {
      content: Record<string, { examples: Record<string, { value: object }> }>;
    };
    const { value } = content['application/problem+json']!.examples['service_unavailable']!;
    expect(value).toMatchObject({ checks: { database: 'down' } });
  });

  describe('has an example of a validation error that is equal to a response', () => {
    let user: SignedUp;
    let admin: SignedUp;
    const webhookIds: Record<string, number> = {};

    beforeAll(async () => {
      [user, admin] = [await app.api.signUp(), await app.signUpAdmin()];
      // Each has the id that is in the path.
      await user.placeOrder();
      for (const [client, path] of [
        [admin, '/admin/webhooks'],
        [user, '/webhooks'],
      ] as const) {
        const created = await client.post(path, { url: 'https://example.com/hooks' }).expect(201);
        webhookIds[path] = (created.body as { id: number }).id;
      }
    });

    /** An invalid input for each field that has an example. */
    const INVALID: Readonly<Record<string, { path?: string; query?: string; body?: object }>> = {
      id: { path: '0' },
      limit: { query: '?limit=101' },
      after: { query: '?after=-1', body: { after: 1_000_000 } },
      page: { query: '?page=2' },
      email: { body: { email: 'john', password: 'secure123' } },
      refresh_token: { body: { refresh_token: 'x'.repeat(1_001) } },
      new_password: { body: { current_password: 'secure123', new_password: 'short' } },
      amount: { body: { product_name: 'Laptop', amount: 0 } },
      reason: { body: { reason: '' } },
      ids: { body: {} },
      metadata: {
        body: { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [n, ''])) },
      },
      url: { body: { url: 'ftp://warehouse.example' } },
      event_id: { path: '1' },
    };

    it.each(ApiContract.load().operations.map((operation) => [operation.name, operation] as const))(
      '%s',
      async (_, operation) => {
        const { errors } = validationExampleOf(operation);
        expect(errors).toHaveLength(1);
        const bad = INVALID[errors[0]!.field]!;
        const [collection] = operation.path.split('/{');
        const id = webhookIds[collection!] ?? 1;
        const path = operation.path.replaceAll(/\{\w+\}/g, bad.path ?? String(id));
        const client = operation.path.startsWith('/admin') ? admin : user;
        const method = operation.method.toLowerCase() as 'get';
        const body = method === 'get' ? undefined : bad.body;
        const response = await client.raw(
          method,
          body ? path : path + (bad.query ?? ''),
          body && { type: 'application/json', content: JSON.stringify(body) },
        );
        const reported = (response.body as ValidationExample).errors;
        expect(reported).toEqual(expect.arrayContaining([...errors]));
      },
    );
  });

  // Last, because passport keeps the strategy of the latest application only.
  it('lists each tag once, those of modules of other teams last', async () => {
    const tagsOf = ({ nest }: TestApp) =>
      createOpenApiDocument(nest).tags?.map(({ name }) => name) ?? [];
    const extended = await TestApp.start({}, { modules: [PaintModule] });
    try {
      expect(tagsOf(extended)).toEqual([...tagsOf(app), 'Paint']);
      expect(new Set(tagsOf(app)).size).toBe(tagsOf(app).length);
    } finally {
      await extended.stop();
    }
  });
});

interface ValidationExample {
  readonly errors: readonly { readonly field: string; readonly message: string }[];
}

function validationExampleOf({ responses }: Operation): ValidationExample {
  const content = responses[400]!.content!['application/problem+json'] as unknown as {
    examples: { validation_failed: { value: ValidationExample } };
  };
  return content.examples.validation_failed.value;
}
