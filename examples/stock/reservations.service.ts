import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, MoreThanOrEqual } from 'typeorm';
import { databaseTime } from '../../src/database/database-time';
import { isUniqueViolation } from '../../src/database/database.errors';
import { executeReturning } from '../../src/database/returning';
import { Order } from '../../src/orders/order.entity';
import { StockItem } from './stock-item.entity';
import { StockReservation } from './stock-reservation.entity';
import { OutOfStockError } from './stock.errors';

/** Reserves units of stock for orders. */
@Injectable()
export class Reservations {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Reserves one unit for an order. Calls for an order that has a unit do nothing.
   * @throws OutOfStockError when no unit is available
   * @throws the reason of the signal when it is aborted
   */
  async reserve(orderId: number, { id }: StockItem, signal: AbortSignal): Promise<void> {
    const now = () => databaseTime(this.dataSource);
    try {
      await this.dataSource.transaction(async (manager) => {
        const reservation = { orderId, stockItemId: id, reservedAt: now };
        await manager.insert(StockReservation, reservation);
        const { affected } = await manager.update(
          StockItem,
          { id, available: MoreThanOrEqual(1) },
          { available: () => 'available - 1', updatedAt: now },
        );
        if (affected === 0) throw new OutOfStockError();
        // An aborted attempt rolls back here.
        signal.throwIfAborted();
      });
    } catch (error) {
      // An earlier attempt has reserved the unit.
      if (!isUniqueViolation(error)) throw error;
    }
  }

  /** Releases the unit of an order, if the order has one. */
  async release(orderId: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      // Of several concurrent calls, one deletes the row.
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

  /** @returns the ids of the cancelled orders that still have a unit */
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
