import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HOOKED_TRANSITIONS } from '../src/orders/on-transition.decorator';
import { TRANSITIONS, TRANSITION_NAMES, kindOf } from '../src/orders/order-status';
import { codeBlocksOf } from './docs/guide';
import { ApiContract } from './support/api-contract';

const ROOT = join(__dirname, '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

const { operations } = ApiContract.load();

/** Compared with an empty list, so that a failure names what is missing. */
function missingFrom(listed: readonly string[], expected: readonly string[]): string[] {
  return [...new Set(expected)].filter((entry) => !listed.includes(entry));
}

/** The links of a guide that stay in this code base. */
function linksOf(guide: string) {
  const links = read(guide).matchAll(/\]\((?!\w+:|\/)([^)#\s]*)(?:#([^)\s]+))?\)/g);
  return Array.from(links, ([link, path = '', anchor]) => ({
    link,
    file: path === '' ? guide : join(dirname(guide), path),
    anchor,
  }));
}

/** The anchors that GitHub gives to the headings of a guide. */
function anchorsOf(guide: string): string[] {
  return Array.from(read(guide).matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('The guides', () => {
  it('list every error code, with its status', () => {
    const described = operations.flatMap(({ responses }) =>
      Object.entries(responses).flatMap(([status, { content = {} }]) =>
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
        operations.map(({ name }) => name),
      ),
    ).toEqual([]);
  });

  it('draw every transition of an order', () => {
    const [diagram = ''] = /^stateDiagram-v2$[\s\S]*?^```$/m.exec(read('README.md')) ?? [];
    const edges = Array.from(diagram.matchAll(/^ +(\w+ --> \w+)/gm), ([, edge = '']) => edge);
    // An edge that both the owner and an admin can cause is drawn once.
    const transitions = new Map(
      TRANSITION_NAMES.map((name) => {
        const { from, to } = TRANSITIONS[name];
        return [`${kindOf(name)} ${from}`, `${from} --> ${to}`];
      }),
    );
    expect(edges.toSorted()).toEqual([...transitions.values()].toSorted());
  });

  it('list every transition that has hooks', () => {
    const [, section = ''] = read('docs/extending.md').split('\n## Hooks\n');
    const rows = section.split('\n## ', 1)[0]!.matchAll(/^\| `(\w+)` /gm);
    const listed = Array.from(rows, ([, name]) => name);
    expect(new Set(listed)).toEqual(new Set(HOOKED_TRANSITIONS));
  });

  it('link to files and headings that exist', () => {
    const guides = [
      ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
      ...readdirSync(join(ROOT, 'docs'))
        .filter((file) => file.endsWith('.md'))
        .map((file) => join('docs', file)),
    ];
    const broken = guides.flatMap((guide) =>
      linksOf(guide).filter(({ file, anchor }) => {
        if (!existsSync(join(ROOT, file))) return true;
        return anchor !== undefined && !anchorsOf(file).includes(anchor);
      }),
    );
    expect(broken).toEqual([]);
  });

  it('name suites that exist', () => {
    const suites = ['src', 'test']
      .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true }).map(String))
      .filter((file) => file.endsWith('spec.ts'));
    const named = ['SECURITY.md', 'docs/faults.md'].flatMap((guide) =>
      Array.from(
        read(guide).matchAll(/`([\w./-]+\.(?:e2e|spec)|faults\/[\w./-]+)`/g),
        ([, name]) => name!,
      ),
    );
    expect(named.length).toBeGreaterThan(50);
    const exists = (name: string) => {
      const files = name.startsWith('faults/')
        ? [`${name}.fault-spec.ts`, `${name}.load-spec.ts`]
        : [name.replace(/\.e2e$/, '.e2e-spec').replace(/$/, '.ts')];
      return suites.some((suite) =>
        files.some((file) => suite === file || suite.endsWith(`/${file}`)),
      );
    };
    expect([...new Set(named)].filter((name) => !exists(name))).toEqual([]);
  });

  it('build a module that could be outside of src/, as it imports public files only', () => {
    const { exports: files } = JSON.parse(read('package.json')) as { exports: object };
    const imports = codeBlocksOf(join(ROOT, 'docs/modules.md'))
      .filter(({ file }) => file?.startsWith('src/') || file?.startsWith('migrations/'))
      .flatMap(({ code }) => Array.from(code.matchAll(/from '\.\.\/(?:src\/)?(.+)'/g)))
      .map(([, file]) => `./${file}`);
    expect(imports.length).toBeGreaterThan(10);
    expect(missingFrom(Object.keys(files), imports)).toEqual([]);
  });

  it('list every file that modules outside of src/ may import, which the build has with its types', () => {
    const { exports: files } = JSON.parse(read('package.json')) as {
      exports: Record<string, string>;
    };
    const [, section = ''] = read('docs/extending.md').split('## What to import');
    const rows = section.split('\n## ', 1)[0]!.matchAll(/^\| `([\w/.-]+)` /gm);
    expect(Array.from(rows, ([, file]) => `./${file}`)).toEqual(Object.keys(files));
    const built = Object.values(files).flatMap((file) => [file, file.replace(/js$/, 'd.ts')]);
    expect(built.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('quote the examples verbatim', () => {
    const withoutSpaces = (code: string) => code.replaceAll(/\s+/g, '');
    const sources = readdirSync(join(ROOT, 'examples'), { recursive: true })
      .map((file) => join('examples', String(file)))
      .filter((file) => file.endsWith('.ts'))
      .map(read);
    const code = withoutSpaces(sources.join('\n'));
    const excerpts = codeBlocksOf(join(ROOT, 'docs/extending.md')).filter(
      ({ language }) => language === 'ts',
    );
    expect(excerpts.length).toBeGreaterThan(5);
    const invented = excerpts.filter((excerpt) => !code.includes(withoutSpaces(excerpt.code)));
    expect(invented.map((excerpt) => excerpt.code)).toEqual([]);
  });
});
