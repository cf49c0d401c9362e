import type { ArgumentMetadata, Type } from '@nestjs/common';
import { Expose, Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString } from 'class-validator';
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

const queryOf = (metatype: Type): ArgumentMetadata => ({ type: 'query', metatype, data: '' });

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

  it('validates queries with parameters after one without', async () => {
    await pipe.transform({}, queryOf(Page));
    await expect(pipe.transform({ other: 'a' }, queryOf(Page))).rejects.toThrow(
      ValidationFailedError,
    );
  });
});
