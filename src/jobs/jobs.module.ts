import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { OrdersModule } from '../orders/orders.module';
import { FULFILMENT_STEP } from './fulfilment-step';
import { OrderProcessor } from './order-processor';
import { ProcessingCron } from './processing-cron';
import { SimulatedFulfilment } from './simulated-fulfilment';

@Module({
  imports: [ScheduleModule.forRoot(), OrdersModule],
  providers: [
    OrderProcessor,
    ProcessingCron,
    { provide: FULFILMENT_STEP, useClass: SimulatedFulfilment },
  ],
})
export class JobsModule {}
