import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { databaseTime } from '../../src/database/database-time';
import { StockItem } from './stock-item.entity';
import { ProductNotStockedError } from './stock.errors';

/** Sets and returns the quantities of products. `Reservations` reserves units of them. */
@Injectable()
export class StockService {
  constructor(@InjectRepository(StockItem) private readonly items: Repository<StockItem>) {}

  /** Sets how many units can be reserved, and adds a new product. */
  async set(productName: string, available: number): Promise<StockItem> {
    return this.items.manager.transaction(async (manager) => {
      const updatedAt = () => databaseTime(manager.dataSource);
      await manager.upsert(StockItem, { productName, available, updatedAt }, ['productName']);
      return manager.findOneByOrFail(StockItem, { productName });
    });
  }

  find(productName: string): Promise<StockItem | null> {
    return this.items.findOneBy({ productName });
  }

  /** @throws ProductNotStockedError */
  async get(productName: string): Promise<StockItem> {
    const item = await this.find(productName);
    if (!item) throw new ProductNotStockedError();
    return item;
  }
}
