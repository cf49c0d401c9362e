import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (file: string) => readFileSync(join(__dirname, '..', file), 'utf8');

/** As far as the tests look into it. */
interface Document {
  readonly paths: Record<string, Record<string, { readonly responses: Record<string, Response> }>>;
}

interface Response {
  readonly content?: Record<string, { readonly examples?: Record<string, unknown> }>;
}

const operations = Object.entries((JSON.parse(read('openapi.json')) as Document).paths).flatMap(
  ([path, item]) =>
    Object.entries(item).map(([method, { responses }]) => ({
      route: `${method.toUpperCase()} ${path}`,
      responses: Object.entries(responses),
    })),
);

/** Compared with an empty list, so that a failure names what is missing. */
function missingFrom(listed: readonly string[], expected: readonly string[]): string[] {
  return [...new Set(expected)].filter((entry) => !listed.includes(entry));
}

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
    expect(missingFrom(listed, described)).toEqual([]);
  });

  it('list every route', () => {
    const cells = read('README.md').matchAll(/`([A-Z]+) (\/[^`?]*)[^`]*`/g);
    const listed = Array.from(cells, ([, method, path]) => `${method} ${path}`);
    expect(
      missingFrom(
        listed,
        operations.map(({ route }) => route),
      ),
    ).toEqual([]);
  });
});
