import { type IncomingHttpHeaders, get } from 'node:http';
import { text } from 'node:stream/consumers';
import type { OpenAPIObject } from '@nestjs/swagger';
import { version } from '../package.json';
import { TestApp } from './support/test-app';

describe('The server in the OpenAPI document', () => {
  const app = TestApp.forSuite();

  const documentOf = async (api = app.api, path = '/openapi.json') =>
    (await api.get(path).expect(200)).body as OpenAPIObject;

  /** Sends headers that `fetch` does not allow. */
  const documentWith = (url: string, headers: IncomingHttpHeaders): Promise<OpenAPIObject> =>
    new Promise((resolve, reject) => {
      get(url, { headers }, (response) => {
        text(response).then((body) => resolve(JSON.parse(body) as OpenAPIObject), reject);
      }).on('error', reject);
    });

  it('has the version of the package', async () => {
    expect((await documentOf()).info.version).toBe(version);
  });

  it('is the one that the client used', async () => {
    expect((await documentOf()).servers).toEqual([{ url: app.api.url }]);
    const { servers } = await documentWith(`${app.api.url}/openapi.json`, {
      host: 'api.example:81',
    });
    expect(servers).toEqual([{ url: 'http://api.example:81' }]);
  });

  it.each(["a'b", 'a;b', 'a$b', 'a:99999999', 'a%2f'])(
    'is not the malformed host %s',
    async (host) => {
      const { servers } = await documentWith(`${app.api.url}/openapi.json`, { host });
      expect(servers).toEqual([{ url: '/' }]);
    },
  );

  it('is the one that a trusted proxy reports, but no other proxy', async () => {
    const forwarded = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
    };
    const trusting = await TestApp.start({ TRUST_PROXY: 'loopback' });
    try {
      const reported = await documentWith(`${trusting.api.url}/openapi.json`, forwarded);
      expect(reported.servers).toEqual([{ url: 'https://shop.example' }]);
      const injection = 'a"}],"x":[{"';
      for (const hostile of [
        { ...forwarded, 'x-forwarded-host': injection },
        { ...forwarded, 'x-forwarded-proto': injection },
        { ...forwarded, 'x-forwarded-proto': 'https"' },
        { ...forwarded, 'x-forwarded-proto': 'javascript' },
      ]) {
        const { servers } = await documentWith(`${trusting.api.url}/openapi.json`, hostile);
        expect(servers).toEqual([{ url: '/' }]);
      }
    } finally {
      await trusting.stop();
    }
    const { servers } = await documentWith(`${app.api.url}/openapi.json`, forwarded);
    expect(servers).toEqual([{ url: app.api.url }]);
  });

  it.each([
    ['https://api.example.com/', 'https://api.example.com', ''],
    ['https://example.com/shop', 'https://example.com/shop', '/shop'],
  ])('is PUBLIC_URL=%s, whose path begins every link', async (PUBLIC_URL, url, basePath) => {
    const configured = await TestApp.start({ PUBLIC_URL });
    try {
      const document = await documentOf(configured.api);
      expect(document.servers).toEqual([{ url }]);
      const { text: explorer } = await configured.api.get('/docs/swagger-ui-init.js').expect(200);
      expect(explorer.replaceAll(/\s/g, '')).toContain(`"servers":[{"url":"${basePath || '/'}"`);
      for (const source of [JSON.stringify(document), explorer]) {
        const links = Array.from(source.matchAll(/\]\(([^)]+)\)/g), ([, link]) => link);
        expect(new Set(links)).toEqual(
          new Set(
            ['/openapi.json', '/problems', ...problemPagesIn(document)].map(
              (path) => basePath + path,
            ),
          ),
        );
      }
    } finally {
      await configured.stop();
    }
  });
});

/** The pages of all codes that operations respond with. */
function problemPagesIn(document: OpenAPIObject): string[] {
  const codes = JSON.stringify(document).matchAll(/"code":\{"type":"string","enum":\["(\w+)"\]/g);
  return Array.from(codes, ([, code]) => `/problems/${code}`);
}
