import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrdersModule } from '../orders/orders.module';
import { AbandonedOrders } from './abandoned-orders';
import { AttemptSlots } from './attempt-slots';
import { ClaimResults } from './claim-results';
import { ExpiredLeases } from './expired-leases';
import { FulfilmentPipeline } from './fulfilment-pipeline';
import { InstanceHeartbeat } from './instance-heartbeat';
import { Instance } from './instance.entity';
import { Instances } from './instances';
import { LeaseRenewal } from './lease-renewal';
import { LoneAttempts } from './lone-attempts';
import { OrderAttempts } from './order-attempts';
import { OrderClaims } from './order-claims';
import { OrderLease } from './order-lease.entity';
import { OrderLeases } from './order-leases';
import { OrderProcessor } from './order-processor';
import { ProcessingControl } from './processing-control';
import { ProcessingSchedule } from './processing-schedule';
import { ProcessingState } from './processing-state.entity';
import { ProcessingStatusReader } from './processing-status';
import { ProcessingController } from './processing.controller';
import { ResultBatches } from './result-batches';
import { SharedProcessingState } from './shared-processing-state';
import { SimulatedFulfilment } from './simulated-fulfilment';

@Module({
  imports: [
    TypeOrmModule.forFeature([OrderLease, ProcessingState, Instance]),
    DiscoveryModule,
    OrdersModule,
  ],
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
    ProcessingControl,
    SharedProcessingState,
    ProcessingStatusReader,
    Instances,
    InstanceHeartbeat,
    SimulatedFulfilment,
  ],
})
export class JobsModule {}
