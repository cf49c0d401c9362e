import type { ArgumentMetadata, Type } from '@nestjs/common';
import { Expose, Transform } from 'class-transformer';
import { IsInt, IsObject, IsOptional, IsString } from 'class-validator';
import { ObjectProperty } from '../api/object-property.decorator';
import { OpaqueProperty } from '../api/opaque-property.decorator';
import { ValidationFailedError } from '../errors/common.errors';
import { RequestValidationPipe } from './request-validation.pipe';

class Search {
  @IsString()
  text: string;
}

class Page {
  @IsOptional()
  @IsString()
  cursor?: string;
}

class WithDefault {
  @Expose()
  @Transform(({ value }: { value: unknown }) => value ?? 20)
  @IsInt()
  limit: number;
}

class Labelled {
  @OpaqueProperty()
  @IsObject()
  labels: Readonly<Record<string, unknown>>;

  @IsOptional()
  @IsString()
  text?: string;
}

class WithFilter {
  @ObjectProperty(() => Page)
  filter?: Page;
}

const queryOf = (metatype: Type): ArgumentMetadata => ({ type: 'query', metatype, data: '' });
const bodyOf = (metatype: Type): ArgumentMetadata => ({ type: 'body', metatype, data: '' });

describe('RequestValidationPipe', () => {
  const pipe = new RequestValidationPipe();

  it('returns an object of its own for each query without parameters', async () => {
    const pages = await Promise.all([{}, {}].map((query) => pipe.transform(query, queryOf(Page))));
    pages.push(await pipe.transform({}, queryOf(Page)));
    for (const page of pages) {
      expect(page).toBeInstanceOf(Page);
      expect(page).toEqual({});
    }
    expect(new Set(pages).size).toBe(3);
  });

  it('rejects every query without a required parameter', async () => {
    expect(await pipe.transform({ text: 'a' }, queryOf(Search))).toEqual({ text: 'a' });
    for (let count = 0; count < 2; count++) {
      await expect(pipe.transform({}, queryOf(Search))).rejects.toThrow(ValidationFailedError);
    }
  });

  it('transforms every query without parameters of a class that adds values', async () => {
    for (let count = 0; count < 2; count++) {
      expect(await pipe.transform({}, queryOf(WithDefault))).toEqual({ limit: 20 });
    }
  });

  it('leaves the keys of an opaque property alone, also those that every object inherits', async () => {
    const json = '{"labels":{"__proto__":{"x":1},"constructor":"y","toString":"z","a":{"then":1}}}';
    const labelled = (await pipe.transform(JSON.parse(json), bodyOf(Labelled))) as Labelled;
    expect(labelled).toBeInstanceOf(Labelled);
    expect(JSON.stringify(labelled)).toBe(json);
  });

  it.each([
    '{"text":{"constructor":"x"}}',
    '{"text":{"a":{"constructor":null}}}',
    '{"text":[{"constructor":"x"}]}',
    '{"text":{"then":"x","__proto__":{}}}',
  ])('rejects objects in the place of a string: %s', async (json) => {
    const rejected = pipe.transform(JSON.parse(json), bodyOf(Search));
    await expect(rejected).rejects.toThrow(ValidationFailedError);
  });

  it('returns nested objects as instances of their classes', async () => {
    const body = (await pipe.transform(
      { filter: { cursor: 'a' } },
      bodyOf(WithFilter),
    )) as WithFilter;
    expect(body.filter).toBeInstanceOf(Page);
    expect(body).toEqual({ filter: { cursor: 'a' } });
    expect(await pipe.transform({}, bodyOf(WithFilter))).toEqual({});
  });

  it.each([
    ['{"filter":{"limit":1}}', 'filter.limit'],
    ['{"filter":{"__proto__":{"cursor":"a"}}}', 'filter.__proto__'],
    ['{"filter":{"constructor":{}}}', 'filter.constructor'],
    ['{"filter":{"prototype":1}}', 'filter.prototype'],
    ['{"filter":{"toString":1}}', 'filter.toString'],
    ['{"filter":{"cursor":{"__proto__":1}}}', 'filter.cursor.__proto__'],
    ['{"filter":null}', 'filter'],
    ['{"filter":[]}', 'filter'],
    ['{"filter":"a"}', 'filter'],
  ])('rejects the body %s', async (body, field) => {
    const rejected = pipe.transform(JSON.parse(body), bodyOf(WithFilter));
    await expect(rejected).rejects.toMatchObject({
      extensions: { errors: expect.arrayContaining([expect.objectContaining({ field })]) },
    });
  });

  it('validates queries with parameters after one without', async () => {
    await pipe.transform({}, queryOf(Page));
    await expect(pipe.transform({ other: 'a' }, queryOf(Page))).rejects.toThrow(
      ValidationFailedError,
    );
  });
});
