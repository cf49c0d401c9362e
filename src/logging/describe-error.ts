import { shorten } from './shorten';

/** An error as it is logged. */
export interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: unknown;
  readonly cause?: ErrorDescription;
}

/** Messages can repeat what a client sent. */
const MAX_MESSAGE_LENGTH = 2_000;
const MAX_STACK_LENGTH = 8_000;

/** An error can be among its own causes. */
const MAX_CAUSES = 5;

/**
 * Leaves out what drivers add to their errors, such as the parameters of the failed query. Never
 * throws, since callbacks log errors where nothing would catch another one.
 */
export function describeError(thrown: unknown): ErrorDescription {
  try {
    return describe(thrown, MAX_CAUSES);
  } catch {
    // An object without a prototype, for example.
    return { type: typeof thrown, message: 'A value that has no description was thrown' };
  }
}

function describe(thrown: unknown, remainingCauses: number): ErrorDescription {
  if (!(thrown instanceof Error)) {
    return { type: typeof thrown, message: shorten(String(thrown), MAX_MESSAGE_LENGTH) };
  }
  const { name, message, stack, cause } = thrown;
  return {
    type: name,
    message: shorten(message, MAX_MESSAGE_LENGTH),
    ...(stack !== undefined && { stack: shorten(stack, MAX_STACK_LENGTH) }),
    ...('code' in thrown && { code: thrown.code }),
    ...(cause !== undefined &&
      remainingCauses > 0 && { cause: describe(cause, remainingCauses - 1) }),
  };
}
