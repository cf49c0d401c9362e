import { type ClaimResult, ClaimResults } from '../../src/jobs/claim-results';
import type { ClaimedOrder } from '../../src/jobs/claimed-order';
import type { TestApp } from './test-app';

// They end a claim as its worker would, and return false when the claim was lost before.

export const completeClaim = (app: TestApp, order: ClaimedOrder) =>
  end(app, (results) => results.complete(order));

export const postponeClaim = (app: TestApp, order: ClaimedOrder, reason: string, seconds: number) =>
  end(app, (results) => results.postpone(order, reason, seconds));

export const failClaim = (app: TestApp, order: ClaimedOrder, reason: string) =>
  end(app, (results) => results.fail(order, reason));

export const releaseClaim = (app: TestApp, order: ClaimedOrder, reason: string) =>
  end(app, (results) => results.release(order, reason));

async function end(
  { nest }: TestApp,
  create: (results: ClaimResults) => ClaimResult,
): Promise<boolean> {
  const results = nest.get(ClaimResults);
  const ended = await results.record([create(results)]);
  return ended.size === 1;
}
