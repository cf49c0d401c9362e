import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (file: string) => readFileSync(join(__dirname, '..', file), 'utf8');

/** As far as the tests look into it. */
interface Document {
  readonly paths: Record<string, Record<string, { readonly responses: Record<string, Response> }>>;
  readonly components: { readonly responses: Record<string, Response> };
}

interface Response {
  readonly $ref?: string;
  readonly content?: Record<string, { readonly examples?: Record<string, unknown> }>;
}

const { paths, components } = JSON.parse(read('openapi.json')) as Document;

const resolve = (response: Response): Response =>
  response.$ref ? components.responses[response.$ref.split('/').at(-1)!]! : response;

const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, { responses }]) => ({
    route: `${method.toUpperCase()} ${path}`,
    responses: Object.entries(responses).map(
      ([status, response]) => [status, resolve(response)] as const,
    ),
  })),
);

describe('The guides', () => {
  it('list every code of an error, with its status', () => {
    const described = operations.flatMap(({ responses }) =>
      responses.flatMap(([status, { content = {} }]) =>
        Object.keys(content['application/problem+json']?.examples ?? {}).map(
          (code) => `${code} ${status}`,
        ),
      ),
    );
    const rows = read('docs/errors.md').matchAll(/^\| `(\w+)` +\| (\d+) /gm);
    const listed = Array.from(rows, ([, code, status]) => `${code} ${status}`);
    expect(listed).toEqual(expect.arrayContaining([...new Set(described)]));
  });

  it('list every route', () => {
    const cells = read('README.md').matchAll(/`([A-Z]+) (\/[^`?]*)[^`]*`/g);
    const listed = Array.from(cells, ([, method, path]) => `${method} ${path}`);
    expect(listed).toEqual(expect.arrayContaining(operations.map(({ route }) => route)));
  });
});
