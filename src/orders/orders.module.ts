import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminOrdersController } from './admin-orders.controller';
import { OrderClaims } from './order-claims';
import { OrderEvents } from './order-events';
import { OrderHistoryEntry } from './order-history-entry.entity';
import { OrderList } from './order-list';
import { OrderTransitions } from './order-transitions';
import { Order } from './order.entity';
import { OrdersController } from './orders.controller';
import { OrdersService } from './orders.service';

@Module({
  imports: [TypeOrmModule.forFeature([Order, OrderHistoryEntry])],
  controllers: [OrdersController, AdminOrdersController],
  providers: [OrdersService, OrderList, OrderTransitions, OrderEvents, OrderClaims],
  exports: [OrdersService, OrderClaims],
})
export class OrdersModule {}
