import {
  type FulfilmentContext,
  type FulfilmentOutcome,
  type FulfilmentStep,
  type OrderToFulfil,
  succeeded,
} from '../../src/jobs/fulfilment-step';

type Script = (
  order: OrderToFulfil,
  context: FulfilmentContext,
) => Promise<FulfilmentOutcome | void>;

/** Succeeds at once unless a test sets `script`, and records the ids of the fulfilled orders. */
export class ScriptedFulfilment implements FulfilmentStep {
  readonly name = 'scripted';
  timeoutMs?: number;
  readonly fulfilled: number[] = [];
  started = 0;
  script: Script = () => Promise.resolve();

  async fulfil(order: OrderToFulfil, context: FulfilmentContext): Promise<FulfilmentOutcome> {
    this.started++;
    const outcome = (await this.script(order, context)) ?? succeeded;
    if (outcome.kind === 'succeeded') this.fulfilled.push(order.id);
    return outcome;
  }
}
