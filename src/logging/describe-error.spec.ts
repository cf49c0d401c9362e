import { describeError } from './describe-error';

describe('describeError', () => {
  it.each([
    ['a string', { type: 'string', message: 'a string' }],
    [undefined, { type: 'undefined', message: 'undefined' }],
    [
      Object.create(null),
      { type: 'object', message: 'A value that has no description was thrown' },
    ],
  ])('describes %p', (thrown, expected) => {
    expect(describeError(thrown)).toEqual(expected);
  });

  it('describes the errors of an AggregateError', () => {
    const error = new AggregateError([new Error('IPv6'), new Error('IPv4')], '');
    expect(describeError(error)).toMatchObject({
      errors: [{ message: 'IPv6' }, { message: 'IPv4' }],
    });
  });

  it.each([1_970, 1_990])('redacts a URL after %d characters, where messages are cut', (length) => {
    const message = `${'x'.repeat(length)} amqp://john:s3cret${'t'.repeat(20)}@broker`;
    const { message: described, stack } = describeError(new Error(message));
    expect(described + stack).not.toMatch(/john|s3cret/);
  });

  it('bounds messages, stacks and causes', () => {
    const error = new Error('x'.repeat(1_000_000));
    error.cause = new AggregateError(
      Array.from({ length: 100 }, () => error),
      'x',
      { cause: error },
    );
    expect(JSON.stringify(describeError(error)).length).toBeLessThan(100_000);
  });
});
