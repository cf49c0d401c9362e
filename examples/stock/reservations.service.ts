import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, MoreThanOrEqual } from 'typeorm';
import { databaseTime } from '../../src/database/database-time';
import { isUniqueViolation } from '../../src/database/database.errors';
import { executeReturning } from '../../src/database/returning';
import { Transactions } from '../../src/database/transactions';
import { Order } from '../../src/orders/order.entity';
import { StockItem } from './stock-item.entity';
import { StockReservation } from './stock-reservation.entity';
import { OutOfStockError } from './stock.errors';

/** Sets units of stock aside for orders. */
@Injectable()
export class Reservations {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Sets one unit aside, and no second one when it is called again for the same order.
   * @throws OutOfStockError when no unit is available
   * @throws the reason of the signal, when it was aborted
   */
  async reserve(orderId: number, { id }: StockItem, signal: AbortSignal): Promise<void> {
    const now = () => databaseTime(this.dataSource);
    try {
      await this.transactions.run(async ({ manager }) => {
        const reservation = { orderId, stockItemId: id, reservedAt: now };
        await manager.insert(StockReservation, reservation);
        const { affected } = await manager.update(
          StockItem,
          { id, available: MoreThanOrEqual(1) },
          { available: () => 'available - 1', updatedAt: now },
        );
        if (affected === 0) throw new OutOfStockError();
        // The last chance to leave nothing behind.
        signal.throwIfAborted();
      });
    } catch (error) {
      // The order has its reservation from an earlier attempt.
      if (!isUniqueViolation(error)) throw error;
    }
  }

  /** Gives the unit of an order back, if the order has one. */
  async release(orderId: number): Promise<void> {
    await this.transactions.run(async ({ manager }) => {
      // Of several that release at the same time, one finds the row.
      const [released] = await executeReturning(
        manager,
        StockReservation,
        manager.createQueryBuilder().delete().from(StockReservation).where({ orderId }),
      );
      if (!released) return;
      await manager.update(
        StockItem,
        { id: released.stockItemId },
        { available: () => 'available + 1', updatedAt: () => databaseTime(this.dataSource) },
      );
    });
  }

  /** Finds the cancelled orders that still have a unit. */
  async ofCancelledOrders(): Promise<number[]> {
    const reservations = await this.dataSource
      .getRepository(StockReservation)
      .createQueryBuilder('reservation')
      .innerJoin(Order, 'order', 'order.id = reservation.orderId')
      .where(`order.status = 'cancelled'`)
      .getMany();
    return reservations.map(({ orderId }) => orderId);
  }
}
