import { type IncomingHttpHeaders, get } from 'node:http';
import { text } from 'node:stream/consumers';
import type { OpenAPIObject } from '@nestjs/swagger';
import { version } from '../package.json';
import { TestApp } from './support/test-app';

describe('GET /openapi.json names the server', () => {
  const app = TestApp.forSuite();

  const documentOf = async (api = app.api, path = '/openapi.json') =>
    (await api.get(path).expect(200)).body as OpenAPIObject;

  /** Asks with headers of choice, which `fetch` does not allow. */
  const ask = (url: string, headers: IncomingHttpHeaders): Promise<OpenAPIObject> =>
    new Promise((resolve, reject) => {
      get(url, { headers }, (response) => {
        text(response).then((body) => resolve(JSON.parse(body) as OpenAPIObject), reject);
      }).on('error', reject);
    });

  it('with the version of the package', async () => {
    expect((await documentOf()).info.version).toBe(version);
  });

  it('as the client has called it', async () => {
    expect((await documentOf()).servers).toEqual([{ url: app.api.url }]);
    const { servers } = await ask(`${app.api.url}/openapi.json`, { host: 'api.example:81' });
    expect(servers).toEqual([{ url: 'http://api.example:81' }]);
  });

  it.each(["a'b", 'a;b', 'a$b', 'a:99999999', 'a%2f'])(
    'not as a client that sends the host %s would like',
    async (host) => {
      const { servers } = await ask(`${app.api.url}/openapi.json`, { host });
      expect(servers).toEqual([{ url: '/' }]);
    },
  );

  it('as a trusted proxy reports it, and as no other', async () => {
    const forwarded = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
    };
    const trusting = await TestApp.start({ TRUST_PROXY: 'loopback' });
    try {
      const reported = await ask(`${trusting.api.url}/openapi.json`, forwarded);
      expect(reported.servers).toEqual([{ url: 'https://shop.example' }]);
      const injection = 'a"}],"x":[{"';
      for (const hostile of [
        { ...forwarded, 'x-forwarded-host': injection },
        { ...forwarded, 'x-forwarded-proto': injection },
        { ...forwarded, 'x-forwarded-proto': 'https"' },
        { ...forwarded, 'x-forwarded-proto': 'javascript' },
      ]) {
        const { servers } = await ask(`${trusting.api.url}/openapi.json`, hostile);
        expect(servers).toEqual([{ url: '/' }]);
      }
    } finally {
      await trusting.stop();
    }
    const { servers } = await ask(`${app.api.url}/openapi.json`, forwarded);
    expect(servers).toEqual([{ url: app.api.url }]);
  });

  it.each([
    ['https://api.example.com/', 'https://api.example.com', '"url":"/"'],
    ['https://example.com/shop', 'https://example.com/shop', '"url":"/shop"'],
  ])('as PUBLIC_URL=%s', async (PUBLIC_URL, url, urlOfExplorer) => {
    const configured = await TestApp.start({ PUBLIC_URL });
    try {
      expect((await documentOf(configured.api)).servers).toEqual([{ url }]);
      const explorer = await configured.api.get('/docs/swagger-ui-init.js').expect(200);
      expect(explorer.text.replaceAll(/\s/g, '')).toContain(`"servers":[{${urlOfExplorer}`);
    } finally {
      await configured.stop();
    }
  });
});
