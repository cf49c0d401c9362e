import { parseRequestTarget } from './request-target';

describe('parseRequestTarget', () => {
  it.each([
    ['GET', '/orders?limit=1', { url: '/orders?limit=1' }],
    ['GET', '//[x]/"|<>\\', { url: '//[x]/"|<>\\' }],
    ['OPTIONS', '*', { url: '*' }],
    ['GET', 'http://localhost:8000/orders?a=b', { url: '/orders?a=b', host: 'localhost:8000' }],
    ['GET', 'HTTPS://[::1]', { url: '/', host: '[::1]' }],
    ['GET', 'http://a?b', { url: '/?b', host: 'a' }],
  ])('parses %s %s', (method, target, expected) => {
    expect(parseRequestTarget(method, target)).toEqual(expected);
  });

  it.each([
    ['GET', ''],
    ['GET', '*'],
    ['GET', 'orders'],
    ['GET', 'localhost:80'],
    ['GET', 'ftp://a/'],
    ['GET', 'http://'],
    ['GET', 'http:///x'],
    ['GET', 'http://:80/'],
    ['GET', 'http://['],
    ['GET', 'http://user:password@a/'],
    ['GET', '/#fragment'],
    ['GET', '/\u00e9'],
    ['GET', '/a b'],
  ])('rejects %s %s', (method, target) => {
    expect(parseRequestTarget(method, target)).toBeUndefined();
  });
});
