import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrdersModule } from '../orders/orders.module';
import { AdminEventsController } from './admin-events.controller';
import { DeletedEvents } from './deleted-events.entity';
import { EventFeed } from './event-feed';
import { EventLog } from './event-log';
import { EventNumbering } from './event-numbering';
import { EventStreams } from './event-streams';
import { EventsController } from './events.controller';
import { LogGrowth } from './log-growth';
import { LogReader } from './log-reader.entity';
import { LogTail } from './log-tail';
import { NumberingSchedule } from './numbering-schedule';

/** Numbers the log of events, and serves it as a feed and as streams. */
@Module({
  imports: [TypeOrmModule.forFeature([LogReader, DeletedEvents]), OrdersModule],
  controllers: [EventsController, AdminEventsController],
  providers: [
    EventLog,
    EventFeed,
    LogGrowth,
    EventNumbering,
    NumberingSchedule,
    LogTail,
    EventStreams,
  ],
  exports: [EventFeed, EventLog, LogGrowth],
})
export class EventsModule {}
