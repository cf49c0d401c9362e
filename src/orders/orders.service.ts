import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, ObjectLiteral, Repository } from 'typeorm';
import { columnsOf, hydrate, propertiesOf } from '../database/hydrate';
import { namedQuery } from '../database/named-query';
import { ADMIN_PROPERTIES, type AdminOrder, withLeases } from './admin-order.dto';
import { OrderHistoryEntry } from './order-history-entry.entity';
import { type OrderWithMetadata, type WithMetadata, metadataColumn } from './order-metadata-rows';
import { Order } from './order.entity';
import { OrderNotFoundError } from './orders.errors';

/** Reads orders and their histories. */
@Injectable()
export class OrdersService {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(OrderHistoryEntry) private readonly entries: Repository<OrderHistoryEntry>,
  ) {}

  /**
   * @param manager of the transaction that reads the order, if there is one
   * @throws OrderNotFoundError also when the order belongs to another user
   */
  getOwn(id: number, userId: number, manager?: EntityManager): Promise<OrderWithMetadata> {
    return this.find('id = :id AND user_id = :userId', { id, userId }, manager);
  }

  /** @throws OrderNotFoundError */
  get(id: number): Promise<OrderWithMetadata> {
    return this.find('id = :id', { id });
  }

  /**
   * An order as admins see it.
   * @throws OrderNotFoundError
   */
  async getForAdmin(id: number): Promise<AdminOrder> {
    const { manager } = this.orders;
    const properties = propertiesOf(manager, Order, ADMIN_PROPERTIES);
    const columns = `${properties}, ${metadataColumn(manager.dataSource)}`;
    const [order] = await namedQuery<AdminOrder>(
      manager,
      withLeases(`SELECT ${columns} FROM orders WHERE id = :id`, ['metadataJson']),
      { id },
    );
    if (!order) throw new OrderNotFoundError();
    return order;
  }

  /** The transitions of an order, oldest first. */
  history({ id }: Order): Promise<OrderHistoryEntry[]> {
    return this.entries.find({ where: { orderId: id }, order: { sequence: 'ASC' } });
  }

  private async find(
    condition: string,
    parameters: Readonly<Record<string, number>>,
    manager: EntityManager = this.orders.manager,
  ): Promise<OrderWithMetadata> {
    const columns = `${columnsOf(manager, Order)}, ${metadataColumn(manager.dataSource)}`;
    const rows = await namedQuery<ObjectLiteral & WithMetadata>(
      manager,
      `SELECT ${columns} FROM orders WHERE ${condition}`,
      parameters,
    );
    const [order] = hydrate(manager, Order, rows);
    if (!order) throw new OrderNotFoundError();
    return Object.assign(order, { metadataJson: rows[0]?.metadataJson ?? null });
  }
}
