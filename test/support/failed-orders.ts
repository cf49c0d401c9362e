import { failed } from '../../src/jobs/fulfilment-step';
import type { ApiClient } from './api-client';
import type { TestApp } from './test-app';

export const FAILURE_REASON = 'No such product';

/** Places orders that fail in their first attempt, and returns their ids. All due orders fail. */
export async function placeFailedOrders(
  app: TestApp,
  user: ApiClient,
  count = 1,
): Promise<[number, ...number[]]> {
  const ids = await user.placeOrders(count);
  app.fulfilment.script = () => Promise.resolve(failed(FAILURE_REASON));
  await app.processor.runOnce();
  app.fulfilment.script = () => Promise.resolve();
  return ids as [number, ...number[]];
}
