import type { Logger } from '@nestjs/common';
import { isDatabaseUnavailable } from '../database/database.errors';
import type { Order } from '../orders/order.entity';
import { fieldsOf } from '../orders/responsible-request';
import { TransitionHookError } from '../orders/transition-hook.error';

/** How often the hooks of a transition are called for one order while the database is unavailable. */
export const MAX_HOOK_TRIES = 3;

/** True when the hook may succeed when it is called again, such as after a deadlock. */
export function isTransient({ cause }: TransitionHookError): boolean {
  return isDatabaseUnavailable(cause);
}

/** @param consequence what happens to the order */
export function logHookFailure(
  logger: Logger,
  order: Pick<Order, 'id' | 'requestId'>,
  failure: TransitionHookError,
  consequence: string,
): void {
  const { hook, transition, veto } = failure;
  const fields = { ...fieldsOf(order), transition, hook, consequence };
  if (veto) logger.warn({ msg: 'A hook vetoed a transition', ...fields, err: veto });
  else logger.error({ msg: 'A hook failed', ...fields, err: failure });
}

/**
 * Moves orders together, so that the hooks of one order harm no other. After a hook has failed for one of
 * several orders, the next `limit` orders are moved one by one.
 */
export class HookIsolation {
  /** How many orders are still moved one by one. */
  private remaining = 0;

  /**
   * @param limit how many orders are moved together
   * @param move moves up to `limit` orders in a transaction. It is called with the failure of an order
   * that was moved alone.
   */
  async run<Result>(
    limit: number,
    move: (limit: number, failure?: TransitionHookError) => Promise<Result>,
  ): Promise<Result> {
    const tries = new Map<number, number>();
    for (;;) {
      const size = this.remaining > 0 ? Math.min(limit, 1) : limit;
      try {
        const result = await move(size);
        this.remaining = Math.max(0, this.remaining - size);
        return result;
      } catch (error) {
        if (!(error instanceof TransitionHookError)) throw error;
        if (size > 1) {
          this.remaining = limit;
          continue;
        }
        const count = (tries.get(error.orderId) ?? 0) + 1;
        tries.set(error.orderId, count);
        if (!isTransient(error) || count === MAX_HOOK_TRIES) return move(size, error);
      }
    }
  }
}
