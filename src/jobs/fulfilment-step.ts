import { DiscoveryService } from '@nestjs/core';
import type { Order } from '../orders/order.entity';

/** Injection token of the {@link FulfilmentStep} that processing runs for every order. */
export const FULFILMENT_STEP = Symbol('FULFILMENT_STEP');

/**
 * Puts a provider of any module among the steps of fulfilment. They run one after another, by
 * ascending `position`; without any, the simulated one runs.
 */
export const RegisterFulfilmentStep = DiscoveryService.createDecorator<{ position: number }>();

/** What a step is told about an order. */
export type OrderToFulfil = Readonly<
  Pick<Order, 'id' | 'userId' | 'productName' | 'amountMinor' | 'createdAt'>
>;

export interface FulfilmentContext {
  /**
   * Aborted when the result will not count any more: the deadline has passed, the claim was lost,
   * or the application shuts down.
   */
  readonly signal: AbortSignal;
  /** 1 for the first time the order is processed. */
  readonly attempt: number;
}

export type FulfilmentOutcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'retry'; readonly reason: string; readonly delaySeconds?: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** The order is fulfilled, as far as this step goes. */
export const succeeded: FulfilmentOutcome = { kind: 'succeeded' };

/**
 * The order should be tried again, unless this was the last attempt.
 * @param reason is shown to the owner of the order
 * @param delaySeconds when to try again, up to a year; by default after a growing delay
 */
export function retryLater(reason: string, delaySeconds?: number): FulfilmentOutcome {
  return { kind: 'retry', reason, ...(delaySeconds !== undefined && { delaySeconds }) };
}

/**
 * The order can never be fulfilled.
 * @param reason is shown to the owner of the order
 */
export function failedForGood(reason: string): FulfilmentOutcome {
  return { kind: 'failed', reason };
}

/**
 * Work that an order stands for. It runs **at least once** per order: when a process dies, the
 * work may be done and not be known to be. So doing it again for the same `order.id` must do no
 * harm.
 */
export interface FulfilmentStep {
  /** Appears in the log. */
  readonly name: string;

  /**
   * How long one attempt may take, in milliseconds; by default four fifths of the lease. While it
   * takes longer than the lease, the lease is renewed.
   */
  readonly timeoutMs?: number;

  /** Throwing is a request for a retry, with the error in the log and nothing of it in the order. */
  fulfil(order: OrderToFulfil, context: FulfilmentContext): Promise<FulfilmentOutcome>;
}
