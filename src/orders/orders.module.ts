import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminOrdersController } from './admin-orders.controller';
import { IdempotencyKeySweep } from './idempotency-key-sweep';
import { IdempotencyKey } from './idempotency-key.entity';
import { IdempotencyKeys } from './idempotency-keys';
import { OpenOrderLimit } from './open-order-limit';
import { OrderClaims } from './order-claims';
import { OrderCounter } from './order-counter';
import { OrderEvents } from './order-events';
import { OrderHistoryEntry } from './order-history-entry.entity';
import { OrderList } from './order-list';
import { OrderPlacement } from './order-placement';
import { OrderTransitions } from './order-transitions';
import { Order } from './order.entity';
import { OrdersController } from './orders.controller';
import { OrdersService } from './orders.service';

@Module({
  imports: [TypeOrmModule.forFeature([Order, OrderHistoryEntry, IdempotencyKey])],
  controllers: [OrdersController, AdminOrdersController],
  providers: [
    OrdersService,
    OrderList,
    OrderCounter,
    OrderTransitions,
    OrderEvents,
    OpenOrderLimit,
    OrderClaims,
    OrderPlacement,
    IdempotencyKeys,
    IdempotencyKeySweep,
  ],
  exports: [OrdersService, OrderClaims],
})
export class OrdersModule {}
