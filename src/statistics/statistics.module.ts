import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module';
import { StatisticsReader } from './statistics-reader';
import { StatisticsSchedule } from './statistics-schedule';

/** Keeps the statistics of orders, which it reads from the log of events. */
@Module({
  imports: [EventsModule],
  providers: [StatisticsReader, StatisticsSchedule],
})
export class StatisticsModule {}
