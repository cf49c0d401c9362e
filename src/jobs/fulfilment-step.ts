import { DiscoveryService } from '@nestjs/core';
import type { Order } from '../orders/order.entity';

/**
 * Registers a provider of any module as a step of fulfilment. The steps run one after another, by
 * ascending `position`. Without a registered step, a simulated one runs.
 */
export const RegisterFulfilmentStep = DiscoveryService.createDecorator<{ position: number }>();

/** The part of an order that a step receives. */
export type OrderToFulfil = Readonly<
  Pick<Order, 'id' | 'userId' | 'productName' | 'amountMinor' | 'createdAt'>
>;

/** What a step knows about the attempt it is part of. */
export interface FulfilmentContext {
  /**
   * Aborted when the result of the attempt no longer counts: its deadline has passed, its claim was
   * lost, or the application is shutting down.
   */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/** What a step returns; see {@link succeeded}, {@link postponed} and {@link failed}. */
export type FulfilmentOutcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'postponed'; readonly reason: string; readonly delaySeconds?: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** The step is done: the next one runs, and after the last one the order is completed. */
export const succeeded: FulfilmentOutcome = { kind: 'succeeded' };

/**
 * The order is attempted again after a delay, or has failed when this was its last attempt.
 * @param reason is shown to the owner of the order
 * @param delaySeconds up to a year; by default it grows with each attempt
 */
export function postponed(reason: string, delaySeconds?: number): FulfilmentOutcome {
  return { kind: 'postponed', reason, ...(delaySeconds !== undefined && { delaySeconds }) };
}

/**
 * The order cannot be fulfilled, and is not attempted again unless an admin retries it.
 * @param reason is shown to the owner of the order
 */
export function failed(reason: string): FulfilmentOutcome {
  return { kind: 'failed', reason };
}

/**
 * A part of the work that an order requires. It runs **at least once** per order: a process can die
 * after the work is done and before that is recorded. So repeating it for the same `order.id` must
 * be safe.
 */
export interface FulfilmentStep {
  /** Appears in the log. */
  readonly name: string;

  /**
   * The share of this step in the deadline of an attempt, in milliseconds; by default four fifths of
   * the lease. The lease is renewed while an attempt takes longer.
   */
  readonly timeoutMs?: number;

  /** An error that it throws postpones the order. The error is logged, and the owner does not see it. */
  fulfil(order: OrderToFulfil, context: FulfilmentContext): Promise<FulfilmentOutcome>;
}
