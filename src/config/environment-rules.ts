import { Transform, Type } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { validateCronExpression } from 'cron';
import { isOriginList, isTrustedProxies } from './network-lists';

// What variables are made of, and must be, beyond what the libraries have a decorator for.

export const ToNumber = () => Type(() => Number);

export const ToBoolean = () =>
  Transform(
    ({ value }: { value: unknown }) => value === 'true' || (value === 'false' ? false : value),
  );

export const IsCronExpression = () =>
  ValidateBy(
    {
      name: 'isCronExpression',
      validator: {
        validate: (value: string) =>
          value.trim().split(/\s+/).length === 6 && validateCronExpression(value).valid,
      },
    },
    { message: '$property must be a cron expression of six fields, seconds first' },
  );

export const IsTrustedProxies = () =>
  ValidateBy(
    { name: 'isTrustedProxies', validator: { validate: isTrustedProxies } },
    {
      message:
        '$property must be a number of proxies, or a comma-separated list of addresses, CIDR ranges, ' +
        'loopback, linklocal and uniquelocal',
    },
  );

export const IsOriginList = () =>
  ValidateBy(
    { name: 'isOriginList', validator: { validate: isOriginList } },
    {
      message:
        '$property must be a comma-separated list of origins such as https://app.example.com, or *',
    },
  );

export const IsRedisUrl = () =>
  ValidateBy(
    { name: 'isRedisUrl', validator: { validate: isRedisUrl } },
    {
      message: '$property must be a URL such as redis://host:6379 or rediss://user:password@host/0',
    },
  );

export const IsPublicUrl = () =>
  ValidateBy(
    { name: 'isPublicUrl', validator: { validate: isPublicUrl } },
    {
      message:
        '$property must be an absolute http or https URL such as https://api.example.com, without ' +
        'credentials, query and fragment',
    },
  );

function isPublicUrl(value: string): boolean {
  if (value === '') return true;
  if (!/^https?:\/\/[^?#\s\\]+$/i.test(value) || !URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username + password === '';
}

function isRedisUrl(value: string): boolean {
  if (value === '') return true;
  try {
    const { protocol, hostname, username, password, pathname } = new URL(value);
    decodeURIComponent(username + password);
    return /^rediss?:$/.test(protocol) && hostname !== '' && /^(\/\d*)?$/.test(pathname);
  } catch {
    return false;
  }
}
