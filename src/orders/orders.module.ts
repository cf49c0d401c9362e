import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IdempotencyModule } from '../idempotency/idempotency.module';
import { AdminOrdersController } from './admin-orders.controller';
import { OpenOrderLimit } from './open-order-limit';
import { OrderBacklog } from './order-backlog';
import { OrderEvents } from './order-events';
import { OrderHistoryEntry } from './order-history-entry.entity';
import { OrderList } from './order-list';
import { OrderPlacement } from './order-placement';
import { OrderStatsService } from './order-stats.service';
import { OrderTransitions } from './order-transitions';
import { Order } from './order.entity';
import { OrdersController } from './orders.controller';
import { OrdersService } from './orders.service';
import { OwnerTurns } from './owner-turns';

@Module({
  imports: [TypeOrmModule.forFeature([Order, OrderHistoryEntry]), IdempotencyModule],
  controllers: [OrdersController, AdminOrdersController],
  providers: [
    OrdersService,
    OrderList,
    OrderStatsService,
    OrderTransitions,
    OrderEvents,
    OwnerTurns,
    OpenOrderLimit,
    OrderPlacement,
    OrderBacklog,
  ],
  exports: [OrderBacklog, OrdersService, OrderTransitions, OwnerTurns],
})
export class OrdersModule {}
