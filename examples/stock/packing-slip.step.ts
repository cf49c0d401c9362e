import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  type FulfilmentContext,
  type FulfilmentOutcome,
  type FulfilmentStep,
  type OrderToFulfil,
  RegisterFulfilmentStep,
  succeeded,
} from '../../src/jobs/fulfilment-step';

/** Injection token: the folder of the packing slips. */
export const PACKING_SLIP_FOLDER = Symbol('PACKING_SLIP_FOLDER');

/** Writes the packing slip of an order; a second attempt replaces the file of the first. */
@RegisterFulfilmentStep({ position: 20 })
@Injectable()
export class PackingSlipStep implements FulfilmentStep, OnModuleInit {
  readonly name = 'packing slip';
  readonly timeoutMs = 5_000;

  constructor(@Inject(PACKING_SLIP_FOLDER) private readonly folder: string) {}

  async onModuleInit(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
  }

  /** Lets file system errors propagate, so that the order is postponed. */
  async fulfil(
    { id, productName }: OrderToFulfil,
    { signal }: FulfilmentContext,
  ): Promise<FulfilmentOutcome> {
    await writeFile(join(this.folder, `${id}.txt`), `Order ${id}\n1 x ${productName}\n`, {
      signal,
    });
    return succeeded;
  }
}
