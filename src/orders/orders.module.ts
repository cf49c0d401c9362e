import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrderClaims } from './order-claims';
import { OrderHistoryEntry } from './order-history-entry.entity';
import { OrderTransitions } from './order-transitions';
import { Order } from './order.entity';
import { OrdersController } from './orders.controller';
import { OrdersService } from './orders.service';

@Module({
  imports: [TypeOrmModule.forFeature([Order, OrderHistoryEntry])],
  controllers: [OrdersController],
  providers: [OrdersService, OrderTransitions, OrderClaims],
  exports: [OrdersService, OrderClaims],
})
export class OrdersModule {}
