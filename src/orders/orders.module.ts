import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IdempotencyModule } from '../idempotency/idempotency.module';
import { AdminMoves } from './admin-moves';
import { AdminOrdersController } from './admin-orders.controller';
import { BulkMoves } from './bulk-moves';
import { BulkOrders } from './bulk-orders';
import { BulkOrdersController } from './bulk-orders.controller';
import { HookRegistry } from './hook-registry';
import { OpenOrderLimit } from './open-order-limit';
import { OrderAdministration } from './order-administration';
import { OrderBacklog } from './order-backlog';
import { OrderCount } from './order-count.entity';
import { OrderCancellation } from './order-cancellation';
import { OrderEvents } from './order-events';
import { OrderExport } from './order-export';
import { OrderHistoryEntry } from './order-history-entry.entity';
import { OrderMetadataEntry } from './order-metadata-entry.entity';
import { OrderMetadata } from './order-metadata';
import { OrderList } from './order-list';
import { OrderMinute } from './order-minute.entity';
import { OrderPlacement } from './order-placement';
import { OrderStatsService } from './order-stats.service';
import { OrderThroughput } from './order-throughput';
import { OrderTransitions } from './order-transitions';
import { Order } from './order.entity';
import { OrdersController } from './orders.controller';
import { OrdersService } from './orders.service';
import { OwnerTurns } from './owner-turns';
import { TransitionHooks } from './transition-hooks';

@Module({
  imports: [
    TypeOrmModule.forFeature([
      Order,
      OrderHistoryEntry,
      OrderMetadataEntry,
      OrderCount,
      OrderMinute,
    ]),
    DiscoveryModule,
    IdempotencyModule,
  ],
  controllers: [OrdersController, AdminOrdersController, BulkOrdersController],
  providers: [
    OrdersService,
    OrderList,
    OrderExport,
    OrderMetadata,
    OrderStatsService,
    OrderThroughput,
    OrderTransitions,
    HookRegistry,
    TransitionHooks,
    OrderEvents,
    OwnerTurns,
    OpenOrderLimit,
    OrderPlacement,
    OrderCancellation,
    OrderAdministration,
    AdminMoves,
    BulkMoves,
    BulkOrders,
    OrderBacklog,
  ],
  exports: [
    OrderBacklog,
    OrderThroughput,
    OrderEvents,
    OrdersService,
    OrderTransitions,
    OwnerTurns,
  ],
})
export class OrdersModule {}
