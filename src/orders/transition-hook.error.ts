import { DomainError } from '../errors/domain-error';
import type { HookedTransition } from './on-transition.decorator';

/** A hook of a transition has failed, or has vetoed it by a `DomainError`, which is the cause. */
export class TransitionHookError extends Error {
  override readonly name = 'TransitionHookError';

  /** @param hook the class and the method */
  constructor(
    readonly hook: string,
    readonly transition: HookedTransition,
    readonly orderId: number,
    cause: unknown,
  ) {
    super(`The hook ${hook} of the transition ${transition} failed`, { cause });
  }

  /** Undefined when the hook has failed. */
  get veto(): DomainError | undefined {
    return this.cause instanceof DomainError ? this.cause : undefined;
  }
}
