import { Secrets } from './secrets';

describe('the search for secrets', () => {
  const secrets = new Secrets();
  const password = secrets.make('password');

  it.each([
    ['JSON', JSON.stringify({ password })],
    ['a URL', `https://localhost/?p=${encodeURIComponent(password)}`],
    ['hexadecimal digits', Buffer.from(`a:${password}`).toString('hex')],
    ...['', 'a', 'ab', 'abc'].map((user) => [
      `the credentials of ${user || 'nobody'}`,
      `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
    ]),
    ['base64url', Buffer.from(`ä:${password}?`).toString('base64url')],
  ])('finds a password in %s', (_, output) => {
    expect(secrets.findIn(`before ${output} after`)).toEqual(['password']);
  });

  it('finds a token that was cut off', () => {
    const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');
    const token = `${header}.${'payload'.repeat(10)}.${'signature'.repeat(5)}`;
    secrets.add('token', token);
    expect(secrets.findIn(token.slice(0, -50))).toEqual(['token']);
    expect(secrets.findIn(token.slice(-30))).toEqual(['token']);
    expect(secrets.findIn(`${header}.`)).toEqual([]);
  });

  it('finds nothing where nothing is', () => {
    expect(secrets.findIn('password token payload')).toEqual([]);
  });
});
