import { runServer } from '../../src/server';
import { CreateStock1795500000000 } from './migrations/1795500000000-CreateStock';
import { STOCK_PROBLEMS } from './stock.errors';
import { StockModule } from './stock.module';

void runServer({
  modules: [StockModule.forRoot({ packingSlipFolder: 'packing-slips' })],
  migrations: [CreateStock1795500000000],
  problems: STOCK_PROBLEMS,
});
