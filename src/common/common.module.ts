import { Global, Module } from '@nestjs/common';
import { Clock } from './clock';
import { PeriodicWork } from './periodic-work';
import { ShutdownState } from './shutdown-state';

/** Providers that every module can inject without an import. */
@Global()
@Module({
  providers: [Clock, PeriodicWork, ShutdownState],
  exports: [Clock, PeriodicWork, ShutdownState],
})
export class CommonModule {}
