import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrdersModule } from '../orders/orders.module';
import { AbandonedOrders } from './abandoned-orders';
import { AttemptSlots } from './attempt-slots';
import { ClaimResults } from './claim-results';
import { ExpiredLeases } from './expired-leases';
import { FulfilmentPipeline } from './fulfilment-pipeline';
import { LeaseRenewal } from './lease-renewal';
import { LoneAttempts } from './lone-attempts';
import { OrderAttempts } from './order-attempts';
import { OrderClaims } from './order-claims';
import { OrderLease } from './order-lease.entity';
import { OrderLeases } from './order-leases';
import { OrderProcessor } from './order-processor';
import { ProcessingSchedule } from './processing-schedule';
import { ProcessingController } from './processing.controller';
import { ResultBatches } from './result-batches';
import { SimulatedFulfilment } from './simulated-fulfilment';

@Module({
  imports: [TypeOrmModule.forFeature([OrderLease]), DiscoveryModule, OrdersModule],
  controllers: [ProcessingController],
  providers: [
    OrderProcessor,
    AttemptSlots,
    LoneAttempts,
    OrderClaims,
    OrderLeases,
    AbandonedOrders,
    ExpiredLeases,
    ClaimResults,
    ResultBatches,
    LeaseRenewal,
    OrderAttempts,
    FulfilmentPipeline,
    ProcessingSchedule,
    SimulatedFulfilment,
  ],
})
export class JobsModule {}
