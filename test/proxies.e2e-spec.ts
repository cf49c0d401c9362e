import { Controller, Get, Module, Req } from '@nestjs/common';
import type { Request } from 'express';
import { Public } from '../src/api/access.decorators';
import { TestApp } from './support/test-app';

@Public()
@Controller('whoami')
class WhoAmIController {
  @Get()
  tell(@Req() { ip, protocol }: Request) {
    return { ip, protocol };
  }
}

@Module({ controllers: [WhoAmIController] })
class WhoAmIModule {}

describe('TRUST_PROXY', () => {
  let app: TestApp;

  afterEach(() => app.stop());

  const start = async (environment: Record<string, string>) => {
    app = await TestApp.start(environment, { modules: [WhoAmIModule] });
  };
  const ask = (forwardedFor: string) =>
    app.api.get('/whoami').set({ 'X-Forwarded-For': forwardedFor, 'X-Forwarded-Proto': 'https' });

  it.each([
    ['is not set', {}],
    ['is 0', { TRUST_PROXY: '0' }],
    ['names others', { TRUST_PROXY: '10.0.0.0/8, ::1, uniquelocal' }],
  ])('believes no X-Forwarded-For when it %s', async (_, environment) => {
    await start(environment);
    const response = await ask('203.0.113.7').expect(200);
    expect(response.body).toEqual({ ip: '127.0.0.1', protocol: 'http' });
    expect(response.headers).not.toHaveProperty('strict-transport-security');
  });

  it.each([
    ['1', '203.0.113.7', '203.0.113.7'],
    ['1', '198.51.100.9, 203.0.113.7', '203.0.113.7'],
    ['2', '198.51.100.9, 203.0.113.7', '198.51.100.9'],
    ['1', '203.0.113.7:4711', '203.0.113.7'],
    ['1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['1', 'unknown', '127.0.0.1'],
    ['2', 'unknown, 203.0.113.7:4711', '203.0.113.7'],
    ['2', '198.51.100.9, unknown', '127.0.0.1'],
    ['127.0.0.0/8, 203.0.113.0/24', '198.51.100.9:1, 203.0.113.7:2', '198.51.100.9'],
    ['127.0.0.1', '198.51.100.9, 203.0.113.7', '203.0.113.7'],
    ['127.0.0.0/8, 203.0.113.0/24', '198.51.100.9, 203.0.113.7', '198.51.100.9'],
    ['loopback,2001:db8::/32', '198.51.100.9, 2001:db8::1', '198.51.100.9'],
  ])('%s: %s comes from %s', async (TRUST_PROXY, forwardedFor, ip) => {
    await start({ TRUST_PROXY });
    const response = await ask(forwardedFor).expect(200);
    expect(response.body).toEqual({ ip, protocol: 'https' });
    // Only https may ask browsers to stay with it.
    expect(response.headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
  });
});
