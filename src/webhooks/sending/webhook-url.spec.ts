import { ReachableAddresses } from './reachable-addresses';
import { parseWebhookUrl } from './webhook-url';

const internet = new ReachableAddresses([]);
const parse = (value: string, reachable = internet) => String(parseWebhookUrl(value, reachable));

describe('parseWebhookUrl', () => {
  it.each([
    ['https://example.com', 'https://example.com/'],
    ['https://example.com:443/hooks?a=b#fragment', 'https://example.com/hooks?a=b'],
    ['https://EXAMPLE.com:8443/', 'https://example.com:8443/'],
    ['https://example.com:1024/', 'https://example.com:1024/'],
    ['https://example.com:65535/', 'https://example.com:65535/'],
    ['  https://bücher.example/ ', 'https://xn--bcher-kva.example/'],
    ['https://8.8.8.8/', 'https://8.8.8.8/'],
    ['https://[2606:4700:4700::1111]/', 'https://[2606:4700:4700::1111]/'],
    ['https://8.8.8.8\\@127.0.0.1/', 'https://8.8.8.8/@127.0.0.1/'],
  ])('accepts %s as %s', (value, href) => {
    expect(parse(value)).toBe(href);
  });

  it.each([
    '',
    'example.com',
    '//example.com',
    'https://',
    'https://exa mple.com',
    'https://example.com:65536',
    'https://[::1',
    'https://1.2.3.256/',
    'http://example.com/',
    'http://8.8.8.8:8080/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://example.com:1024/',
    'javascript:alert(1)',
    'data:text/plain,x',
    'https://user@example.com/',
    'https://user:password@example.com/',
    'https://:password@example.com/',
    `https://example.com/${'x'.repeat(2_048)}`,
    `https://example.com/${'ü'.repeat(400)}`,
  ])('rejects %s as malformed', (value) => {
    expect(parse(value)).toBe('malformed');
  });

  it.each([
    ['a low port', 'https://example.com:22/'],
    ['port 80', 'https://example.com:80/'],
    ['port 0', 'https://example.com:0/'],
    ['port 1023', 'https://example.com:1023/'],
    ['loopback', 'https://127.0.0.1/'],
    ['loopback in hexadecimal', 'https://0x7f000001/'],
    ['loopback as a number', 'https://2130706433/'],
    ['loopback in octal', 'https://0177.0.0.1/'],
    ['loopback with two parts', 'https://127.1/'],
    ['loopback in full-width digits', 'https://１２７.０.０.１/'],
    ['loopback with a trailing dot', 'https://127.0.0.1./'],
    ['loopback, percent-encoded', 'https://%31%32%37.0.0.1/'],
    ['loopback with ideographic dots', 'https://127。0。0。1/'],
    ['the metadata service', 'https://169.254.169.254/latest/meta-data/'],
    ['the metadata service in IPv6', 'https://[::ffff:169.254.169.254]/'],
    ['the metadata service as a number', 'https://2852039166/'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['the unspecified address', 'https://0/'],
    ['the unspecified IPv6 address', 'https://[::]/'],
    ['a private network', 'https://192.168.0.1:8443/'],
    ['a 6to4 address of loopback', 'https://[2002:7f00:1::]/'],
    ['a backslash', 'https:\\\\127.0.0.1\\'],
  ])('forbids %s: %s', (_, value) => {
    expect(parse(value)).toBe('forbidden');
  });

  describe('with WEBHOOK_ALLOWED_NETWORKS', () => {
    const loopback = new ReachableAddresses(['127.0.0.0/8']);

    it.each(['http://127.0.0.1:3000/', 'https://127.0.0.1/', 'http://localhost:3000/'])(
      'accepts %s',
      (value) => {
        expect(parse(value, loopback)).toBe(value);
      },
    );

    it.each(['http://8.8.8.8:3000/', 'http://[::1]:3000/', 'http://127.0.0.1/'])(
      'forbids %s',
      (value) => {
        expect(parse(value, loopback)).toBe('forbidden');
      },
    );
  });
});
