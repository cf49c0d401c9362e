import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { OrdersModule } from '../orders/orders.module';
import { FulfilmentPipeline } from './fulfilment-pipeline';
import { LeaseRenewal } from './lease-renewal';
import { OrderAttempts } from './order-attempts';
import { OrderClaims } from './order-claims';
import { OrderProcessor } from './order-processor';
import { ProcessingSchedule } from './processing-schedule';
import { ProcessingController } from './processing.controller';
import { SimulatedFulfilment } from './simulated-fulfilment';

@Module({
  imports: [DiscoveryModule, OrdersModule],
  controllers: [ProcessingController],
  providers: [
    OrderProcessor,
    OrderClaims,
    LeaseRenewal,
    OrderAttempts,
    FulfilmentPipeline,
    ProcessingSchedule,
    SimulatedFulfilment,
  ],
})
export class JobsModule {}
