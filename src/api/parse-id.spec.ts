import { ValidationFailedError } from '../errors/common.errors';
import { ParseIdPipe } from './parse-id';

describe('ParseIdPipe', () => {
  const parse = (value: unknown, data?: string) =>
    new ParseIdPipe().transform(value, { type: 'param', ...(data !== undefined && { data }) });

  it('returns the id', () => {
    expect(parse('7', 'noteId')).toBe(7);
  });

  it.each([
    ['noteId', 'noteId'],
    ['id', 'id'],
    [undefined, 'id'],
  ])('reports the parameter %p as the field %p', (parameter, field) => {
    const { extensions } = ValidationFailedError.ofField(field, 'must be a positive integer');
    expect(() => parse('1e3', parameter)).toThrow(expect.objectContaining({ extensions }));
  });
});
