import { Injectable } from '@nestjs/common';
import {
  type FulfilmentContext,
  type FulfilmentOutcome,
  type FulfilmentStep,
  type OrderToFulfil,
  RegisterFulfilmentStep,
  failed,
  postponed,
  succeeded,
} from '../../src/jobs/fulfilment-step';
import { Reservations } from './reservations.service';
import { OutOfStockError } from './stock.errors';
import { StockService } from './stock.service';

const RESTOCKING_SECONDS = 60;

/** Reserves one unit of the ordered product. */
@RegisterFulfilmentStep({ position: 10 })
@Injectable()
export class ReserveStockStep implements FulfilmentStep {
  readonly name = 'reserve stock';
  readonly timeoutMs = 10_000;

  constructor(
    private readonly stock: StockService,
    private readonly reservations: Reservations,
  ) {}

  async fulfil(
    { id, productName }: OrderToFulfil,
    { signal }: FulfilmentContext,
  ): Promise<FulfilmentOutcome> {
    const item = await this.stock.find(productName);
    if (!item) return failed('Unknown product');
    try {
      await this.reservations.reserve(id, item, signal);
      return succeeded;
    } catch (error) {
      if (error instanceof OutOfStockError) return postponed('Out of stock', RESTOCKING_SECONDS);
      throw error;
    }
  }
}
