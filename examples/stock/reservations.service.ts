import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, type EntityManager, MoreThanOrEqual } from 'typeorm';
import { databaseTime } from '../../src/database/database-time';
import { isUniqueViolation } from '../../src/database/database.errors';
import { executeReturning } from '../../src/database/returning';
import { type Transaction, Transactions } from '../../src/database/transactions';
import { Order } from '../../src/orders/order.entity';
import { StockItem } from './stock-item.entity';
import { StockReservation } from './stock-reservation.entity';
import { OrderNotProcessingError, OutOfStockError } from './stock.errors';

/** Reserves units of stock for orders. */
@Injectable()
export class Reservations {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Reserves one unit for an order. Calls for an order that has a unit do nothing.
   * @throws OutOfStockError when no unit is available
   * @throws OrderNotProcessingError when the order was cancelled after its attempt had lost the claim
   * @throws the reason of the signal when it is aborted
   */
  async reserve(orderId: number, { id }: StockItem, signal: AbortSignal): Promise<void> {
    const now = () => databaseTime(this.dataSource);
    try {
      await this.transactions.run(async ({ manager }) => {
        await lockProcessing(manager, orderId);
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
  async release({ manager }: Transaction, orderId: number): Promise<void> {
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
  }
}

/** Locks the order until the commit, so that no transition releases the unit before it is reserved. */
async function lockProcessing(manager: EntityManager, id: number): Promise<void> {
  const query = manager.createQueryBuilder(Order, 'order').where({ id, status: 'processing' });
  // SQLite runs one transaction at a time.
  if (manager.dataSource.options.type === 'postgres') query.setLock('pessimistic_read');
  if (!(await query.getOne())) throw new OrderNotProcessingError();
}
