import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { AppConfig } from '../config/app-config';
import { runForRequest } from '../logging/request-context';
import type { Order } from '../orders/order.entity';
import {
  type FulfilmentContext,
  type FulfilmentOutcome,
  type FulfilmentStep,
  type OrderToFulfil,
  RegisterFulfilmentStep,
  succeeded,
} from './fulfilment-step';
import { SimulatedFulfilment } from './simulated-fulfilment';

const OUTCOME_KINDS: ReadonlySet<unknown> = new Set<FulfilmentOutcome['kind']>([
  'succeeded',
  'postponed',
  'failed',
]);

/** An order, and the request that placed it. */
type PlacedOrder = OrderToFulfil & Pick<Order, 'requestId'>;

/** Runs the registered steps one after another, until one of them does not succeed. */
@Injectable()
export class FulfilmentPipeline implements OnModuleInit {
  private readonly logger = new Logger(FulfilmentPipeline.name);
  private steps: readonly FulfilmentStep[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly simulated: SimulatedFulfilment,
    private readonly config: AppConfig,
  ) {}

  /** For the log. */
  get stepNames(): string {
    return this.steps.map(({ name }) => name).join(', ');
  }

  /** The time for all steps together, in milliseconds. */
  get timeoutMs(): number {
    const { attemptTimeoutMs } = this.config.processing;
    return this.steps.reduce((sum, { timeoutMs = attemptTimeoutMs }) => sum + timeoutMs, 0);
  }

  /** @throws Error when two steps have the same position */
  onModuleInit(): void {
    const registered = this.discovery
      .getProviders({ metadataKey: RegisterFulfilmentStep.KEY })
      .map((wrapper) => ({
        step: wrapper.instance as FulfilmentStep,
        position: this.discovery.getMetadataByDecorator(RegisterFulfilmentStep, wrapper)?.position,
      }))
      .toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0));
    const positions = registered.map(({ position }) => position);
    if (new Set(positions).size < positions.length) {
      const steps = registered.map(({ step, position }) => `${step.name} (${position})`);
      throw new Error(`Fulfilment steps need different positions: ${steps.join(', ')}`);
    }
    this.steps = registered.length > 0 ? registered.map(({ step }) => step) : [this.simulated];
    this.logSteps(registered.length === 0);
  }

  private logSteps(isSimulated: boolean): void {
    if (!this.config.processing.enabled) {
      this.logger.log('Processing is off: this instance serves HTTP only');
      return;
    }
    this.logger.log(`Orders are fulfilled by: ${this.stepNames}`);
    if (isSimulated && this.config.nodeEnv === 'production') {
      this.logger.warn('No step is registered: orders are completed by simulated work');
    }
  }

  /**
   * Registered steps run in the context of the request that placed the order, which their log lines and
   * what they call may use. The simulated one does not use it, and a context slows down the process.
   * @throws Error that names the step that failed, with the error of the step as its cause
   * @throws the reason of the signal, when it is aborted between two steps
   */
  async fulfil(order: PlacedOrder, context: FulfilmentContext): Promise<FulfilmentOutcome> {
    for (const [index, step] of this.steps.entries()) {
      if (index > 0) context.signal.throwIfAborted();
      const call = () => runStep(step, order, context);
      const outcome = await (step === this.simulated
        ? call()
        : runForRequest(order.requestId, call));
      if (outcome.kind !== 'succeeded') return outcome;
    }
    return succeeded;
  }
}

async function runStep(
  step: FulfilmentStep,
  order: OrderToFulfil,
  context: FulfilmentContext,
): Promise<FulfilmentOutcome> {
  try {
    const outcome = await step.fulfil(order, context);
    // The type does not bind steps that are written in JavaScript.
    if (!OUTCOME_KINDS.has(outcome?.kind)) throw new TypeError('The step returned no outcome');
    return outcome;
  } catch (cause) {
    throw new Error(`The step "${step.name}" failed`, { cause });
  }
}
