import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '../../../test/support/api-client';
import { TestApp } from '../../../test/support/test-app';
import { CreateStock1795500000000 } from '../migrations/1795500000000-CreateStock';
import { STOCK_PROBLEMS } from '../stock.errors';
import { StockModule } from '../stock.module';

/** The application with the stock module, an admin and a customer. */
export class StockApp {
  private constructor(
    readonly app: TestApp,
    readonly admin: ApiClient,
    readonly customer: ApiClient,
    readonly packingSlipFolder: string,
  ) {}

  static async start(): Promise<StockApp> {
    const packingSlipFolder = await mkdtemp(join(tmpdir(), 'packing-slips-'));
    const app = await TestApp.start(
      {},
      {
        modules: [StockModule.forRoot({ packingSlipFolder })],
        migrations: [CreateStock1795500000000],
        problems: STOCK_PROBLEMS,
      },
    );
    const admin = await app.signUpAdmin();
    return new StockApp(app, admin, await app.api.signUp(), packingSlipFolder);
  }

  async stop(): Promise<void> {
    await this.app.stop();
    await rm(this.packingSlipFolder, { recursive: true });
  }

  async setStock(productName: string, available: number): Promise<void> {
    await this.admin.post('/stock', { product_name: productName, available }).expect(200);
  }

  async available(productName: string): Promise<number> {
    const request = this.customer.get('/stock').query({ product_name: productName });
    return ((await request.expect(200)).body as { available: number }).available;
  }

  /** @returns the id of an order that the customer has placed */
  async order(productName: string): Promise<number> {
    return (await this.customer.placeOrder({ product_name: productName, amount: 10 })).id;
  }

  async status(orderId: number): Promise<string> {
    return (await this.customer.order(orderId)).status;
  }

  /** Processes due orders while packing slips cannot be written. */
  async runWithoutPackingSlips(): Promise<void> {
    await rm(this.packingSlipFolder, { recursive: true });
    await this.app.processor.runOnce();
    await mkdir(this.packingSlipFolder);
  }
}
