import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEM_CATALOGUE } from '../src/errors/problem-catalogue';
import { ProblemsModule } from '../src/problems/problems.module';
import { expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

const GUIDE = readFileSync(join(__dirname, '..', 'docs', 'errors.md'), 'utf8');

describe('The pages of problems', () => {
  const app = TestApp.forSuite();

  it('are linked by the type of a problem', async () => {
    const { body } = await app.api.get('/orders').expect(401);
    const { type } = body as { type: string };
    expect(type).toBe('/problems/unauthenticated');
    const page = await app.api.get(type).expect(200);
    expect(page.text).toContain('The request has no bearer token.');
  });

  it.each(Object.entries(PROBLEM_CATALOGUE))(
    'explain %s without a token',
    async (code, { status, meaning, remedy }) => {
      const { headers, text } = await app.api.get(`/problems/${code}`).expect(200);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['cache-control']).toBe('public, max-age=3600');
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(text).not.toMatch(/<script| on\w+=/);
      const words = text.replaceAll(/<[^>]+>/g, '').replaceAll('&quot;', '"');
      for (const part of [code, String(status), meaning, remedy]) {
        expect(words).toContain(part.replaceAll('`', ''));
      }
    },
  );

  it('agree with docs/errors.md', () => {
    const rows = GUIDE.matchAll(/^\| `(\w+)` +\| (\d+) +\| (.+?) +\| (.+?) +\|$/gm);
    const listed = Array.from(rows, ([, code, status, meaning, remedy]) => [
      code,
      { status: Number(status), meaning, remedy },
    ]);
    expect(listed).toEqual(Object.entries(PROBLEM_CATALOGUE));
  });

  it('have an index that links to every code', async () => {
    const { text } = await app.api.get('/problems').expect(200);
    const links = Array.from(text.matchAll(/href="problems\/(\w+)"/g), ([, code]) => code);
    expect(links).toEqual(Object.keys(PROBLEM_CATALOGUE));
  });

  it.each(['/problems', '/problems/', '/problems/order_not_found', '/problems/order_not_found/'])(
    'have working links at %s, also below a path prefix of a proxy',
    async (path) => {
      const response = await fetch(`${app.api.url}${path}`); // the slash is not described
      const text = await response.text();
      expect(response.status).toBe(200);
      const links = Array.from(text.matchAll(/<a href="([^"]+)"/g), ([, link]) => {
        const { pathname } = new URL(link!, `https://proxy.example/shop/api${path}`);
        expect(pathname).toMatch(/^\/shop\/api\/(docs|problems)(\/|$)/);
        return pathname.replace('/shop/api', '');
      });
      expect(links).toContain('/docs');
      for (const link of links) expect((await fetch(`${app.api.url}${link}`)).status).toBe(200);
    },
  );

  it.each(['unknown', 'constructor', '__proto__', '%3Cscript%3E', 'ORDER_NOT_FOUND'])(
    'do not exist for the code %s',
    async (code) => {
      expectProblem(await app.api.get(`/problems/${code}`), 404, 'problem_not_found');
    },
  );

  it('include the problems of modules of other teams', async () => {
    const problems = {
      out_of_paint: { status: 409, meaning: 'No paint is left.', remedy: 'Order paint.' },
    };
    const extended = await TestApp.start({}, { problems });
    try {
      const { text } = await extended.api.get('/problems/out_of_paint').expect(200);
      expect(text).toContain('No paint is left.');
    } finally {
      await extended.stop();
    }
  });

  it('reject a problem of a module with a code of the application', () => {
    const problem = { status: 409, meaning: 'Other.', remedy: 'Other.' };
    const problems = { out_of_paint: problem, order_not_found: problem };
    expect(() => ProblemsModule.forRoot(problems)).toThrow(
      'The application has problems of these codes already: order_not_found',
    );
  });
});
