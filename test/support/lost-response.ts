import { DatabaseUnavailableError } from '../../src/database/database-unavailable.error';

/**
 * Makes the next call of a method reject after it has committed, as when the connection breaks before
 * the response of the database arrives.
 */
export function loseNextResponse<Method extends string>(
  target: Record<Method, (...given: never[]) => Promise<unknown>>,
  method: Method,
): void {
  const original = target[method].bind(target);
  jest.spyOn(target, method as never).mockImplementationOnce((async (...given: never[]) => {
    await original(...given);
    throw new DatabaseUnavailableError('The response of the database was lost');
  }) as never);
}
