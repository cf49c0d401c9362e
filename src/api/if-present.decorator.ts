import { ValidateIf } from 'class-validator';

/** Validates a property unless it is absent. Unlike `@IsOptional()`, it does not accept null. */
export const IfPresent = (): PropertyDecorator =>
  ValidateIf((_: object, value: unknown) => value !== undefined);
