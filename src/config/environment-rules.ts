import { applyDecorators } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsInt, IsNumber, Max, Min, ValidateBy } from 'class-validator';
import { validateCronExpression } from 'cron';
import { isNetworkList, isOriginList, isTrustedProxies } from './network-lists';
import { isHttpUrlWithoutCredentials, isRedisUrl, parsePostgresUrl } from './urls';

// Decorators for the types of environment variables that the libraries do not cover.

/** Converts and validates a number. Messages are in the order of the decorators. */
export const IsIntegerBetween = (min: number, max: number) =>
  applyDecorators(
    Max(max),
    Min(min),
    IsInt(),
    Type(() => Number),
  );

/** A number from 0 to 1. */
export const IsRatio = () =>
  applyDecorators(
    Max(1),
    Min(0),
    IsNumber(),
    Type(() => Number),
  );

export const IsTrueOrFalse = () =>
  applyDecorators(
    IsBoolean({ message: '$property must be true or false' }),
    Transform(
      ({ value }: { value: unknown }) => value === 'true' || (value === 'false' ? false : value),
    ),
  );

/** Also accepts the empty string, which is the default of optional variables. */
const Accepts = (isAccepted: (value: string) => boolean, accepted: string) =>
  ValidateBy(
    {
      name: 'accepts',
      validator: { validate: (value: string) => value === '' || isAccepted(value) },
    },
    { message: `$property must be ${accepted}` },
  );

export const IsCronExpression = () =>
  Accepts(
    (value) => value.trim().split(/\s+/).length === 6 && validateCronExpression(value).valid,
    'a cron expression of six fields, seconds first',
  );

/** RFC 6750, section 2.1: clients cannot send another one. */
export const IsBearerToken = () =>
  Accepts(
    (value) => /^[\w.~+/-]+=*$/.test(value),
    'a token of letters, digits and the characters - . _ ~ + /, with = only at its end',
  );

export const IsTrustedProxies = () =>
  Accepts(
    isTrustedProxies,
    'a number of proxies, or a comma-separated list of addresses, CIDR ranges, ' +
      'loopback, linklocal and uniquelocal',
  );

export const IsOriginList = () =>
  Accepts(isOriginList, 'a comma-separated list of origins such as https://app.example.com, or *');

export const IsNetworkList = () =>
  Accepts(isNetworkList, 'a comma-separated list of addresses and CIDR ranges, such as 10.0.0.0/8');

export const IsFilePath = () =>
  Accepts(
    (value) => !/^\w+:\/\//.test(value),
    'the path of a file; the URL of PostgreSQL belongs in DATABASE_URL',
  );

export const IsPostgresUrl = () =>
  Accepts(
    (value) => parsePostgresUrl(value) !== undefined,
    'a URL such as postgres://user:password@host:5432/database, with special characters of ' +
      'its parts percent-encoded',
  );

export const IsRedisUrl = () =>
  Accepts(
    isRedisUrl,
    'a URL such as redis://host:6379 or rediss://user:password@host/0, with special characters ' +
      'of its parts percent-encoded',
  );

/** Credentials for the collector are in the variable of its headers. */
export const IsCollectorUrl = () =>
  Accepts(
    isHttpUrlWithoutCredentials,
    'the http or https URL of a collector such as http://localhost:4318, without credentials, query ' +
      'and fragment',
  );

export const IsPublicUrl = () =>
  Accepts(
    isHttpUrlWithoutCredentials,
    'an absolute http or https URL such as https://api.example.com, without credentials, query ' +
      'and fragment',
  );
