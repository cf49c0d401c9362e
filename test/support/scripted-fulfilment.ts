import type { FulfilmentContext, FulfilmentStep } from '../../src/jobs/fulfilment-step';
import type { ClaimedOrder } from '../../src/orders/order-claims';

type Script = (order: ClaimedOrder, context: FulfilmentContext) => Promise<void>;

/** Fulfils at once, unless a test says otherwise; remembers what it was given. */
export class ScriptedFulfilment implements FulfilmentStep {
  readonly name = 'scripted';
  readonly fulfilled: number[] = [];
  started = 0;
  script: Script = () => Promise.resolve();

  async fulfil(order: ClaimedOrder, context: FulfilmentContext): Promise<void> {
    this.started++;
    await this.script(order, context);
    this.fulfilled.push(order.id);
  }
}
