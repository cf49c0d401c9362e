import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import type { ClaimedOrder } from '../orders/order-claims';
import type { FulfilmentContext, FulfilmentStep } from './fulfilment-step';

/** Stands in for real work by taking some time (`FULFILMENT_DELAY_MS`). */
@Injectable()
export class SimulatedFulfilment implements FulfilmentStep {
  readonly name = 'simulated';

  constructor(private readonly config: AppConfig) {}

  async fulfil(_order: ClaimedOrder, { signal }: FulfilmentContext): Promise<void> {
    await delay(this.config.fulfilment.delayMs, undefined, { signal });
  }
}
