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

/** Injection token of the folder that packing slips are written to. */
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

  /** An error of the file system is thrown on: the order is tried again. */
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
