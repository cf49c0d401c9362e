import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  Column,
  type DataSource,
  Entity,
  type MigrationInterface,
  PrimaryColumn,
  type QueryRunner,
  Table,
} from 'typeorm';
import type { Extensions } from '../../src/app.module';
import type { Transaction } from '../../src/database/transactions';
import { DomainError } from '../../src/errors/domain-error';
import {
  type HookedTransition,
  OnTransition,
  type OrderTransition,
  type TransitionHook,
} from '../../src/orders/on-transition.decorator';
import type { Order } from '../../src/orders/order.entity';

/** What a hook has written for a transition. */
@Entity('hook_writes')
export class HookWrite {
  @PrimaryColumn('bigint', { name: 'order_id' })
  orderId: number;

  /** That of the history entry. */
  @PrimaryColumn('integer')
  sequence: number;

  @Column('text')
  transition: string;
}

class CreateHookWrites1795700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({
        name: 'hook_writes',
        columns: [
          { name: 'order_id', type: 'bigint', isPrimary: true },
          { name: 'sequence', type: 'integer', isPrimary: true },
          { name: 'transition', type: 'text' },
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('hook_writes');
  }
}

/** With which the hooks of tests veto transitions. */
export class ShippedError extends DomainError {
  override readonly retryAfterSeconds = 1_000;

  constructor() {
    super(409, 'already_shipped', 'The parcel is on its way');
  }
}

/** A hook that hangs. */
export const never = () => new Promise<never>(() => undefined);

/** Hooks of some transitions, which record each transition in a table, and then run a script. */
export class RecordingHooks {
  readonly calls: { order: Readonly<Order>; transition: OrderTransition }[] = [];
  script: TransitionHook = () => undefined;
  readonly extensions: Extensions;

  constructor(names: readonly HookedTransition[]) {
    const { calls } = this;
    const script: TransitionHook = (...call) => this.script(...call);

    class Hooks {
      @OnTransition(names)
      async record(tx: Transaction, order: Readonly<Order>, transition: OrderTransition) {
        calls.push({ order, transition });
        const { id: orderId, version: sequence } = order;
        await tx.manager.insert(HookWrite, { orderId, sequence, transition: transition.name });
        await script(tx, order, transition);
      }
    }

    class HooksModule {}
    Module({ imports: [TypeOrmModule.forFeature([HookWrite])], providers: [Hooks] })(HooksModule);
    this.extensions = { modules: [HooksModule], migrations: [CreateHookWrites1795700000000] };
  }

  /** Forgets the calls and the script. */
  reset(): void {
    this.calls.splice(0);
    this.script = () => undefined;
  }

  /** Runs a script for one transition of one order. */
  scriptFor(orderId: number, name: HookedTransition, script: TransitionHook): void {
    this.script = (tx, order, transition) =>
      order.id === orderId && transition.name === name ? script(tx, order, transition) : undefined;
  }
}

/** The transitions of an order that a hook has recorded, in their order. */
export async function recordedFor(dataSource: DataSource, orderId: number): Promise<string[]> {
  const writes = dataSource.getRepository(HookWrite);
  const found = await writes.find({ where: { orderId }, order: { sequence: 'ASC' } });
  return found.map(({ sequence, transition }) => `${sequence} ${transition}`);
}
