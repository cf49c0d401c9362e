import 'reflect-metadata';
import { IsIn, IsObject, IsOptional, IsString } from 'class-validator';
import { ValidationFailedError } from '../errors/common.errors';
import { readQuery } from './query-values';

/** As a module of another team might declare it. */
class NotesQuery {
  @IsOptional()
  @IsString()
  text?: string;

  @IsOptional()
  @IsIn(['red', 'blue'], { each: true })
  color?: string[];
}

class OwnNotesQuery extends NotesQuery {
  @IsOptional()
  @IsString()
  owner?: string;

  @IsOptional()
  @IsObject()
  labels?: Readonly<Record<string, string>>;
}

describe('readQuery', () => {
  it.each<[object, object]>([
    [{ text: 'a' }, { text: 'a' }],
    [{ color: 'red' }, { color: ['red'] }],
    [{ color: ['red', 'blue'] }, { color: ['red', 'blue'] }],
    [{ 'color[]': 'red' }, { color: ['red'] }],
    [
      { color: 'red', 'color[]': ['blue', 'red'], owner: 'x' },
      { color: ['red', 'blue', 'red'], owner: 'x' },
    ],
    [
      { other: ['a', 'b'], 'other[]': 'c', '[]': '' },
      { other: ['a', 'b'], 'other[]': 'c', '[]': '' },
    ],
    [{ 'labels[a]': 'x', 'labels[b.c]': '' }, { labels: { a: 'x', 'b.c': '' } }],
    [{ 'labels[toString]': 'x' }, { labels: { toString: 'x' } }],
    [{ labels: 'x' }, { labels: 'x' }],
    [
      { 'labels[a][b]': 'x', 'labels[a]b': 'x', 'labels[a': 'x', 'text[a]': 'x', '[a]': 'x' },
      { 'labels[a][b]': 'x', 'labels[a]b': 'x', 'labels[a': 'x', 'text[a]': 'x', '[a]': 'x' },
    ],
    [{}, {}],
  ])('reads %j', (query, expected) => {
    expect(readQuery(query, OwnNotesQuery)).toEqual(expected);
  });

  it('reads a key that every object inherits as an own property', () => {
    const { labels } = readQuery({ 'labels[__proto__]': 'x' }, OwnNotesQuery);
    expect(Object.entries(labels as object)).toEqual([['__proto__', 'x']]);
  });

  it.each<[object, string, string]>([
    [{ text: ['a', 'b'] }, 'text', 'text was given 2 times, but accepts one value'],
    [{ owner: ['a', 'b', 'c'] }, 'owner', 'owner was given 3 times, but accepts one value'],
    [
      { 'labels[a]': ['x', 'y'] },
      'labels[a]',
      'labels[a] was given 2 times, but accepts one value',
    ],
    [{ 'labels[]': 'x' }, 'labels[]', 'labels is written labels[key]=value'],
    [{ 'labels[a]': 'x', labels: 'y' }, 'labels', 'labels was given in two ways'],
    [{ 'text[]': 'a' }, 'text[]', 'text accepts one value, without brackets'],
  ])('rejects %j', (query, field, message) => {
    const { extensions } = new ValidationFailedError([{ field, message }]);
    const error = expect.objectContaining({ code: 'validation_failed', extensions });
    expect(() => readQuery(query, OwnNotesQuery)).toThrow(error);
  });
});
