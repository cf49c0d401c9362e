import 'reflect-metadata';
import type { Transaction } from '../database/transactions';
import {
  type ActorType,
  type OrderStatus,
  TRANSITION_KINDS,
  type TransitionKind,
} from './order-status';
import type { Order } from './order.entity';

/** What a hook can be called for: each kind of transition, and the placement of an order. */
export type HookedTransition = 'place' | TransitionKind;

export const HOOKED_TRANSITIONS: readonly HookedTransition[] = ['place', ...TRANSITION_KINDS];

/** The transition that a hook is called for. */
export interface OrderTransition {
  readonly name: HookedTransition;
  /** Null when the order is placed. */
  readonly from: OrderStatus | null;
  readonly to: OrderStatus;
  /** Who causes it. The job has no id. */
  readonly actor: { readonly type: ActorType; readonly id: number | null };
  readonly reason: string | null;
}

/**
 * @param tx the transaction of the transition; await each of its statements, and nothing else
 * @param order as the transition leaves it
 * @throws DomainError to veto the transition
 */
export type TransitionHook = (
  tx: Transaction,
  order: Readonly<Order>,
  transition: OrderTransition,
) => unknown;

/** What {@link OnTransition} declares about a method. */
export interface HookDeclaration {
  readonly names: readonly string[];
  readonly position: number;
}

const METADATA_KEY = 'orders:on-transition';

/**
 * Calls a method of a provider in the transaction of these transitions of orders: what it writes is
 * committed or rolled back together with the transition. See `docs/extending.md`.
 * @param position of several hooks, those with a lower position are called first; the default is 0
 */
export function OnTransition(
  names: HookedTransition | readonly HookedTransition[],
  { position = 0 }: { readonly position?: number } = {},
) {
  return <Hook extends TransitionHook>(
    prototype: object,
    method: string | symbol,
    { value }: TypedPropertyDescriptor<Hook>,
  ): void => {
    if (typeof prototype === 'function' || typeof method !== 'string' || !value) {
      throw new TypeError(
        `@OnTransition() is for methods of instances whose names are strings: ${String(method)}`,
      );
    }
    const declaration: HookDeclaration = { names: [names].flat(), position };
    Reflect.defineMetadata(METADATA_KEY, [...hookDeclarationsOf(value), declaration], value);
  };
}

/** The declarations of a method; none when it is no hook. */
export function hookDeclarationsOf(method: object): readonly HookDeclaration[] {
  return (Reflect.getMetadata(METADATA_KEY, method) ?? []) as HookDeclaration[];
}
