import { printSecret, signedHeaders } from './standard-signature';

describe('signedHeaders', () => {
  // The example of the libraries of Standard Webhooks.
  const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
  };
  const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

  it('signs as the libraries of Standard Webhooks do', () => {
    expect(signedHeaders(message, [secret])).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': signature,
    });
  });

  it('makes one signature for each secret', () => {
    const other = Buffer.alloc(32, 1);
    const both = signedHeaders(message, [other, secret])['webhook-signature']!.split(' ');
    expect(both).toHaveLength(2);
    expect(both[1]).toBe(signature);
    expect(both[0]).not.toBe(signature);
  });

  it('prints a secret with its prefix', () => {
    expect(printSecret(secret)).toBe('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  });
});
