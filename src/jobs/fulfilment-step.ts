import type { ClaimedOrder } from '../orders/order-claims';

/** Injection token of the {@link FulfilmentStep} that processing runs for every order. */
export const FULFILMENT_STEP = Symbol('FULFILMENT_STEP');

export interface FulfilmentContext {
  /** Aborted when the claim is about to be lost: work that goes on counts for nothing. */
  readonly signal: AbortSignal;
  /** 1 for the first time the order is processed. */
  readonly attempt: number;
}

/**
 * The work that an order stands for. It runs at least once per order: after a crash it runs
 * again, so an implementation has to tolerate work that was done before.
 */
export interface FulfilmentStep {
  /** Appears in the log. */
  readonly name: string;

  /** Resolves when the order is fulfilled. When it throws, the order is processed again later. */
  fulfil(order: ClaimedOrder, context: FulfilmentContext): Promise<void>;
}
