import { Controller, Get, Module, Req } from '@nestjs/common';
import type { Request } from 'express';
import { Public } from '../src/api/access.decorators';
import { TestApp } from './support/test-app';

@Public()
@Controller('client')
class ClientController {
  @Get()
  describe(@Req() { ip, protocol }: Request) {
    return { ip, protocol };
  }
}

@Module({ controllers: [ClientController] })
class ClientModule {}

const EXTENSIONS = { modules: [ClientModule] };

describe('TRUST_PROXY', () => {
  const requestFrom = ({ api }: TestApp, forwardedFor: string) =>
    api.get('/client').set({ 'X-Forwarded-For': forwardedFor, 'X-Forwarded-Proto': 'https' });

  describe.each([
    ['is not set', {}],
    ['is 0', { TRUST_PROXY: '0' }],
    ['lists other addresses', { TRUST_PROXY: '10.0.0.0/8, ::1, uniquelocal' }],
  ])('when it %s', (_, environment) => {
    const app = TestApp.forSuite(environment, EXTENSIONS);

    it('ignores X-Forwarded-For and X-Forwarded-Proto', async () => {
      const response = await requestFrom(app, '203.0.113.7').expect(200);
      expect(response.body).toEqual({ ip: '127.0.0.1', protocol: 'http' });
      expect(response.headers).not.toHaveProperty('strict-transport-security');
    });
  });

  describe('when it is not set', () => {
    const app = TestApp.forSuite();

    it('ignores forwarded addresses and hosts in responses and in the log', async () => {
      const user = await app.api.signUp();
      const forwarded = {
        'X-Forwarded-For': '203.0.113.7',
        'X-Forwarded-Host': 'forwarded.example.org',
        'X-Forwarded-Proto': 'https',
        Forwarded: 'for=203.0.113.7;host=forwarded.example.org;proto=https',
      };
      const placed = await user
        .post('/orders', { product_name: 'Laptop', amount: 1 })
        .set(forwarded);
      const spoofed = await app.api.get('/nope').set({ ...forwarded, 'X-Request-Id': 'one' });
      const plain = await app.api.get('/nope').set({ 'X-Request-Id': 'one' });

      expect(placed.headers['location']).toBe(`/orders/${placed.body.id}`);
      expect(spoofed.text).toBe(plain.text);
      expect(Object.keys(spoofed.headers)).toEqual(Object.keys(plain.headers));
      expect(JSON.stringify(app.logLines)).not.toMatch(/203\.0\.113\.7|forwarded\./);
    });
  });

  describe.each([
    [
      '1',
      [
        ['203.0.113.7', '203.0.113.7'],
        ['198.51.100.9, 203.0.113.7', '203.0.113.7'],
        ['203.0.113.7:4711', '203.0.113.7'],
        ['[2001:db8::7]:4711', '2001:db8::7'],
        ['unknown', '127.0.0.1'],
      ],
    ],
    [
      '2',
      [
        ['198.51.100.9, 203.0.113.7', '198.51.100.9'],
        ['unknown, 203.0.113.7:4711', '203.0.113.7'],
        ['198.51.100.9, unknown', '127.0.0.1'],
      ],
    ],
    ['127.0.0.1', [['198.51.100.9, 203.0.113.7', '203.0.113.7']]],
    [
      '127.0.0.0/8, 203.0.113.0/24',
      [
        ['198.51.100.9:1, 203.0.113.7:2', '198.51.100.9'],
        ['198.51.100.9, 203.0.113.7', '198.51.100.9'],
      ],
    ],
    ['loopback,2001:db8::/32', [['198.51.100.9, 2001:db8::1', '198.51.100.9']]],
  ])('when it is %s', (TRUST_PROXY, requests) => {
    const app = TestApp.forSuite({ TRUST_PROXY }, EXTENSIONS);

    it.each(requests)('reads %s as the client %s', async (forwardedFor, ip) => {
      const response = await requestFrom(app, forwardedFor).expect(200);
      expect(response.body).toEqual({ ip, protocol: 'https' });
      expect(response.headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
    });
  });
});
