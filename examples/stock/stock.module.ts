import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PACKING_SLIP_FOLDER, PackingSlipStep } from './packing-slip.step';
import { ReservationRelease } from './reservation-release';
import { Reservations } from './reservations.service';
import { ReserveStockStep } from './reserve-stock.step';
import { StockItem } from './stock-item.entity';
import { StockReservation } from './stock-reservation.entity';
import { StockController } from './stock.controller';
import { StockService } from './stock.service';

@Module({
  imports: [TypeOrmModule.forFeature([StockItem, StockReservation])],
  controllers: [StockController],
  providers: [StockService, Reservations, ReservationRelease, ReserveStockStep, PackingSlipStep],
})
export class StockModule {
  static forRoot(options: { packingSlipFolder: string }): DynamicModule {
    return {
      module: StockModule,
      providers: [{ provide: PACKING_SLIP_FOLDER, useValue: options.packingSlipFolder }],
    };
  }
}
