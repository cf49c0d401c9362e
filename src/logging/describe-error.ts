import { redactCredentials } from '../common/redact-credentials';
import { shorten } from './shorten';

/** The fields of an error in the log. */
export interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: unknown;
  readonly cause?: ErrorDescription;
  /** Those of an AggregateError. */
  readonly errors?: readonly ErrorDescription[];
}

/** Messages can contain input of clients. */
const MAX_MESSAGE_LENGTH = 2_000;
const MAX_STACK_LENGTH = 8_000;

/** Causes can form a cycle. */
const MAX_CAUSES = 5;

const MAX_ERRORS = 3;

/**
 * Describes an error without the properties that drivers add, such as the parameters of a failed query.
 * Never throws, because callbacks log errors where another error would be uncaught.
 */
export function describeError(thrown: unknown): ErrorDescription {
  try {
    return describe(thrown, MAX_CAUSES);
  } catch {
    // For example, an object without a prototype cannot be converted to a string.
    return { type: typeof thrown, message: 'A value that has no description was thrown' };
  }
}

function describe(thrown: unknown, remainingCauses: number): ErrorDescription {
  if (!(thrown instanceof Error)) {
    return { type: typeof thrown, message: printable(String(thrown), MAX_MESSAGE_LENGTH) };
  }
  const { name, message, stack, cause } = thrown;
  return {
    type: name,
    message: printable(message, MAX_MESSAGE_LENGTH),
    ...(stack !== undefined && { stack: printable(stack, MAX_STACK_LENGTH) }),
    ...('code' in thrown && { code: thrown.code }),
    ...(cause !== undefined &&
      remainingCauses > 0 && { cause: describe(cause, remainingCauses - 1) }),
    ...(thrown instanceof AggregateError &&
      remainingCauses > 0 && {
        errors: thrown.errors.slice(0, MAX_ERRORS).map(describeBriefly),
      }),
  };
}

/** Without stack and causes, so that the size of a line stays bounded. */
function describeBriefly(thrown: unknown): ErrorDescription {
  const { stack: _, ...description } = describe(thrown, 0);
  return description;
}

/** Shortened after credentials are redacted: a URL that is cut before its `@` is not recognized. */
function printable(text: string, maxLength: number): string {
  return shorten(redactCredentials(text), maxLength);
}
