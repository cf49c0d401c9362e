import { VerifiedTokens } from './verified-tokens';

describe('VerifiedTokens', () => {
  afterEach(() => jest.useRealTimers());

  it('recalls the claims of a token until it expires', () => {
    jest.useFakeTimers({ now: 1_000_000 });
    const tokens = new VerifiedTokens();
    const claims = { sub: '1', sid: 'session', exp: 1_060 };
    tokens.remember('token', claims);
    expect(tokens.recall('token')).toEqual(claims);
    expect(tokens.recall('another')).toBeUndefined();
    jest.setSystemTime(1_059_999);
    expect(tokens.recall('token')).toEqual(claims);
    jest.setSystemTime(1_060_000); // like jsonwebtoken, which rejects a token in the second of its expiry
    expect(tokens.recall('token')).toBeUndefined();
    jest.setSystemTime(1_000_000);
    expect(tokens.recall('token')).toBeUndefined();
  });
});
