import { Injectable } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import { isDatabaseUnavailable } from '../database/database.errors';
import { runPart } from '../database/transaction-part';
import type { Transaction } from '../database/transactions';
import { DomainError } from '../errors/domain-error';
import { runForRequest } from '../logging/request-context';
import { type MovedOrder, type TransitionRecord, reasonOf } from './history-entries';
import { HookRegistry, type RegisteredHook } from './hook-registry';
import type { HookedTransition, OrderTransition } from './on-transition.decorator';
import { Order } from './order.entity';
import { responsibleRequest } from './responsible-request';
import { TransitionHookError } from './transition-hook.error';

/**
 * The time limit of all hooks in one transaction, in milliseconds. It is longer than the time limits of
 * statements on PostgreSQL, so that their more specific errors come first. It is shorter than that of a
 * transaction on SQLite, whose error does not name the hook.
 */
const MAX_HOOKS_MS = 3_000;

const TIMEOUT_MESSAGE = `The hooks of a transaction took longer than ${MAX_HOOKS_MS} ms`;

/** Calls the hooks of transitions, see `OnTransition`. */
@Injectable()
export class TransitionHooks {
  /** When the hooks of a transaction must have ended, in milliseconds of `performance.now()`. */
  private readonly deadlines = new WeakMap<QueryRunner, number>();

  constructor(private readonly registry: HookRegistry) {}

  has(transition: HookedTransition): boolean {
    return this.registry.of(transition) !== undefined;
  }

  /**
   * Makes a transition, and calls its hooks for each order, one after another. All of it is undone when one
   * fails, also when the caller catches the error and commits its transaction.
   * @param make writes the transition; with hooks, it returns whole orders
   * @param excluded the ids of orders for which no hook is called
   * @throws DomainError with which a hook has vetoed a transition of a user or an admin
   * @throws an error of the database, when it is unavailable in a transition of a user or an admin
   * @throws TransitionHookError for each other error of a hook, and for all in a transition of the system
   * @throws TypeError when PostgreSQL would commit the transition before its hooks are called
   */
  async runWith<Moved extends MovedOrder>(
    tx: Transaction,
    record: TransitionRecord,
    make: (tx: Transaction) => Promise<Moved[]>,
    excluded?: ReadonlySet<number>,
  ): Promise<Moved[]> {
    const hooks = this.registry.of(record.name);
    if (!hooks) return make(tx);
    const { queryRunner } = tx.manager;
    if (!queryRunner) throw new TypeError(`The hooks of ${record.name} need Transactions.run`);
    const remainingMs = this.limitFor(queryRunner);
    const callbacks: (() => unknown)[] = [];
    const moved = await tx.manager.transaction(async (manager) => {
      const inner = {
        manager,
        afterCommit: (callback: () => unknown) => void callbacks.push(callback),
      };
      const orders = await make(inner);
      for (const order of orders) {
        if (excluded?.has(order.id)) continue;
        for (const hook of hooks)
          await this.call(inner, remainingMs, hook, order as Moved & Order, record);
      }
      return orders;
    });
    for (const callback of callbacks) tx.afterCommit(callback);
    return moved;
  }

  private async call(
    tx: Transaction,
    remainingMs: () => number,
    hook: RegisteredHook,
    order: Order,
    record: TransitionRecord,
  ): Promise<void> {
    const { name, from, actor, requestId } = record;
    const reason = reasonOf(order.id, record.reason);
    const transition: OrderTransition = { name, from, to: order.status, actor, reason };
    const responsible = responsibleRequest(actor.type, order.requestId, requestId);
    try {
      await runPart(tx, { ms: remainingMs(), message: TIMEOUT_MESSAGE }, (part) =>
        runForRequest(responsible, () => hook.call(part, copyOf(order), transition)),
      );
    } catch (cause) {
      const isForCaller = cause instanceof DomainError || isDatabaseUnavailable(cause);
      if (actor.type !== 'system' && isForCaller) throw cause;
      throw new TransitionHookError(hook.name, name, order.id, cause);
    }
  }

  /** The remaining time of the hooks in a transaction, which begins with the first transition. */
  private limitFor(runner: QueryRunner): () => number {
    const deadline = this.deadlines.get(runner) ?? performance.now() + MAX_HOOKS_MS;
    this.deadlines.set(runner, deadline);
    return () => Math.max(0, deadline - performance.now());
  }
}

/** Callers use the order after its hooks. */
function copyOf(order: Order): Readonly<Order> {
  return Object.freeze(Object.assign(new Order(), order));
}
