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

  it('bounds messages, stacks and causes', () => {
    const error = new Error('x'.repeat(1_000_000));
    error.cause = error;
    expect(JSON.stringify(describeError(error)).length).toBeLessThan(70_000);
  });
});
