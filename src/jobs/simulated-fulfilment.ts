import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import {
  type FulfilmentContext,
  type FulfilmentOutcome,
  type FulfilmentStep,
  type OrderToFulfil,
  succeeded,
} from './fulfilment-step';

/** Simulates work by waiting for `FULFILMENT_DELAY_MS`. Runs while no step is registered. */
@Injectable()
export class SimulatedFulfilment implements FulfilmentStep {
  readonly name = 'simulated';

  constructor(private readonly config: AppConfig) {}

  async fulfil(_order: OrderToFulfil, { signal }: FulfilmentContext): Promise<FulfilmentOutcome> {
    await delay(this.config.fulfilment.delayMs, undefined, { signal });
    return succeeded;
  }
}
